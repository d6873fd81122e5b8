import { beforeEach, describe, expect, it } from '@jest/globals';
import { ParsedFiles } from '@samband/gitops';
import type { EntityRef, PlanOutcome } from '@samband/contract';
import { refOf, type KubeObject, type ObjectRef } from '@samband/resources';
import { aMessagingUser, anAddress, anAddressSpace, Lifetime } from '@samband/testing';
import { aRun } from '../world.spec-helper.js';
import { checkoutCommit } from './checkout.js';
import { planRollout } from './plan.js';
import { aMap, deployer, RolloutWorld } from './rollout.spec-helper.js';

interface Status {
  plan?: { add: number; change: number; remove: number; unchanged: number; entries: object[] };
  problems?: { file: string; line: number; resource: string; code: string; message: string }[];
  problemsOmitted?: number;
  warnings?: { code: string; line: number }[];
  warningsOmitted?: number;
}

describe('a plan', () => {
  let world: RolloutWorld;
  beforeEach(async () => {
    world = await new RolloutWorld().withPlans();
  });

  async function plan(objects: readonly object[]): Promise<{ outcome: PlanOutcome; status: Status }> {
    const rollout = await world.commit(objects);
    await checkoutCommit(world.ports(), rollout, aRun());
    const outcome = await planRollout(world.ports(), new ParsedFiles(1_000), rollout, aRun());
    return { outcome, status: await statusOf(rollout) };
  }

  async function statusOf({ namespace, name }: EntityRef): Promise<Status> {
    const ref: ObjectRef = { apiVersion: 'samband.dev/v1alpha1', kind: 'Rollout', namespace, name };
    return (await world.get(ref))?.['status'] ?? {};
  }

  const codes = ({ problems = [] }: Status): string[] => problems.map(({ code }) => code);

  it('counts what is added, changed, removed and left, and changes nothing', async () => {
    await world.rollOut([
      anAddressSpace(),
      anAddress(),
      anAddress({ spec: { address: 'gone' } }),
      aMap('m', { a: '1' }),
    ]);
    const before = world.tenants();
    const { outcome, status } = await plan([
      anAddressSpace(),
      anAddress(),
      anAddress({ spec: { address: 'new' } }),
      aMap('m', { a: '2' }),
    ]);
    expect(outcome).toMatchObject({
      kind: 'planned',
      summary: { add: 1, change: 1, remove: 1, unchanged: 2 },
    });
    expect(status.plan?.entries).toEqual([
      { action: 'change', resource: 'ConfigMap team/m', file: '3.json', line: 1 },
      { action: 'add', resource: 'Address team/app.new', file: '2.json', line: 1 },
      { action: 'remove', resource: 'Address team/app.gone' },
    ]);
    expect(world.tenants()).toEqual(before);
  });

  it('tells its workflow as little of many objects, and of as many mistakes, as of one', async () => {
    const many = (make: (index: number) => object): object[] =>
      Array.from({ length: 300 }, (_, i) => make(i));
    const { outcome: planned } = await plan(many((index) => aMap(`map-${index}`, { secret: 'hunter2' })));
    expect(planned).toMatchObject({ kind: 'planned', summary: { add: 300 } });
    const { outcome: refused } = await plan(
      many((index) => anAddress({ spec: { address: `a-${index}`, plan: 'no' } })),
    );
    expect(refused.kind).toBe('refused');
    for (const outcome of [planned, refused]) {
      expect(JSON.stringify(outcome).length).toBeLessThan(2_048);
      expect(JSON.stringify(outcome)).not.toContain('hunter2');
    }
  });

  it('names every mistake at once and is refused as a whole', async () => {
    const { outcome, status } = await plan([
      anAddressSpace({ spec: { plan: 'no-such-plan' } }),
      anAddress({ metadata: { name: 'nospace.orders' } }),
      aMessagingUser(),
      aMap('m', { a: '1' }),
    ]);
    expect(outcome).toMatchObject({ kind: 'refused', failure: { code: 'ROLLOUT_REFUSED' } });
    expect(codes(status)).toEqual(expect.arrayContaining(['PLAN_NOT_FOUND', 'SPACE_NOT_FOUND']));
    expect(world.tenants()).not.toHaveProperty('/ConfigMap/team/m');
  });

  it('lists a hundred problems and counts the rest', async () => {
    const many = Array.from({ length: 130 }, (_, index) =>
      anAddress({ metadata: { name: `nospace.a${index}` }, spec: { address: `a${index}` } }),
    );
    const { status } = await plan(many);
    expect(status.problems).toHaveLength(100);
    expect(status.problemsOmitted).toBe(30);
  });

  it('warns of a kind of EnMasse that is not here, counts it nowhere, and plans the rest', async () => {
    const console = {
      apiVersion: 'admin.enmasse.io/v1beta1',
      kind: 'ConsoleService',
      metadata: { name: 'console' },
    };
    const { outcome, status } = await plan([console, aMap('m', {})]);
    expect(outcome).toMatchObject({ kind: 'planned', summary: { add: 1, change: 0, remove: 0 } });
    expect(status.warnings).toMatchObject([{ code: 'KIND_LEFT_OUT' }]);
    expect(status.plan?.entries).toMatchObject([{ resource: 'ConfigMap team/m' }]);
  });

  it.each([
    ['an OpenShift Template', 'template.openshift.io/v1', 'Template', 'process it'],
    ['a kind of ours, misspelled', 'enmasse.io/v1beta1', 'Adress', 'did you mean Address'],
  ])('says what to do with %s', async (_, apiVersion, kind, advice) => {
    const { status } = await plan([{ apiVersion, kind, metadata: { name: 'x', namespace: 'team' } }]);
    expect(codes(status)).toEqual(['KIND_NOT_SERVED']);
    expect(status.problems?.[0]?.message).toContain(advice);
  });

  it('asks for the Secret of a certificate that neither the commit nor the cluster has', async () => {
    const space = anAddressSpace({
      spec: { endpoints: [{ name: 'm', cert: { provider: 'certBundle', secretName: 'brought' } }] },
    });
    const secret = (...keys: string[]): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'brought', namespace: 'team' },
      stringData: Object.fromEntries(keys.map((key) => [key, 'x'])),
    });
    for (const missing of [[], [secret('tls.crt')]]) {
      const { outcome, status } = await plan([space, ...missing]);
      expect(outcome).toMatchObject({ failure: { retry: 'later' } });
      expect(codes(status)).toEqual(['SECRET_NOT_FOUND']);
    }
    expect(codes((await plan([space, secret('tls.crt', 'tls.key')])).status)).toEqual([]);
    await world.add(secret('tls.crt', 'tls.key'));
    expect(codes((await plan([space])).status)).toEqual([]);
  });

  it('lists a hundred warnings and counts the rest, and applies nothing of what it warns of', async () => {
    const exported = Array.from({ length: 130 }, (_, index) => {
      const map = aMap(`m${index}`, { a: '1' });
      return { ...map, metadata: { ...map.metadata, finalizers: ['enmasse.io/addresses'] } };
    });
    const { outcome, status } = await plan(exported);
    expect(outcome.kind).toBe('planned');
    expect(status.warnings).toHaveLength(100);
    expect(status.warnings?.[0]).toMatchObject({ code: 'FOREIGN_FIELD_IGNORED', line: 1 });
    expect(status.warningsOmitted).toBe(30);
    await world.rollOut(exported);
    expect((await world.get(refOf(aMap('m0', {}))))?.metadata.finalizers ?? []).toEqual([]);
  });

  it('tries again later when only something is missing, and not at all for a mistake', async () => {
    const missing = await plan([anAddressSpace({ spec: { plan: 'not-yet' } })]);
    expect(missing.outcome).toMatchObject({ failure: { retry: 'later' } });
    const mistaken = await plan([
      anAddressSpace(),
      anAddress(),
      anAddress({ metadata: { name: 'app.twin' } }),
    ]);
    expect(mistaken.outcome).toMatchObject({ failure: { retry: 'never' } });
  });

  it('is refused for an object of another source, by name, but not of one that is gone', async () => {
    const claimed = (source: string): object => {
      const object = aMap('claimed', { a: '1' });
      const labels = { 'samband.dev/source': source, 'samband.dev/source-namespace': 'team' };
      return { ...object, metadata: { ...object.metadata, labels } };
    };
    const other = await world.add({
      apiVersion: 'samband.dev/v1alpha1',
      kind: 'GitSource',
      metadata: { namespace: 'team', name: 'other' },
      spec: { url: 'https://x', ref: { branch: 'main' }, serviceAccountName: 'deployer' },
    });
    await world.add(claimed('other'));
    const { status } = await plan([aMap('claimed', { a: '2' })]);
    expect(status.problems).toMatchObject([
      { code: 'OBJECT_CLAIMED', message: expect.stringContaining('team/other') },
    ]);
    await world.memory.store.delete(refOf(other));
    const { outcome } = await plan([aMap('claimed', { a: '2' })]);
    expect(outcome).toMatchObject({ kind: 'planned', summary: { change: 1 } });
  });

  it('is refused for what the service account may not apply or remove', async () => {
    await world.rollOut([aMap('old', { a: '1' })]);
    world.memory.may = (_, verb, { name }) => !(name === 'new' && verb === 'patch') && verb !== 'delete';
    const { status } = await plan([aMap('new', { a: '1' })]);
    expect(status.problems?.map(({ code, resource }) => `${code} ${resource}`).sort()).toEqual([
      'FORBIDDEN ConfigMap team/new',
      'FORBIDDEN ConfigMap team/old',
    ]);
    expect(status.problems?.[0]?.message).toContain(deployer);
  });

  describe('of objects in a namespace of others', () => {
    const there = { metadata: { namespace: 'others' } };
    const theirs = [anAddressSpace(there), anAddress(there), aMessagingUser(there)];
    const guessed = [
      anAddress(there),
      aMessagingUser({ metadata: { namespace: 'others', name: 'app.guessed' }, spec: { username: 'bob' } }),
    ];
    beforeEach(async () => {
      await world.add({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'others' } });
    });

    it('says the same whether they are there or not, when the service account may not see them', async () => {
      world.memory.may = (_, __, { namespace }) => namespace === 'team';
      const { status: absent } = await plan(guessed);
      for (const object of theirs) await world.add(object);
      const { status: present } = await plan(guessed);
      const { plan: planned, problems } = absent;
      expect(present).toMatchObject({ plan: planned, problems });
      expect(codes(present)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
      expect(present).toMatchObject({ plan: { add: 2, change: 0 } });
    });

    it('compares them with what is there, when the service account may see it', async () => {
      for (const object of theirs) await world.add(object);
      const { status } = await plan(guessed);
      expect(codes(status)).toEqual(['USERNAME_DUPLICATE']);
      expect(status).toMatchObject({ plan: { add: 1, change: 1 } });
    });

    it('still removes those that it brought, when the right to see them is gone', async () => {
      await world.rollOut(theirs);
      world.memory.may = (_, verb, { namespace }) => namespace === 'team' || verb !== 'list';
      expect((await plan([])).outcome).toMatchObject({ kind: 'unconfirmed', summary: { remove: 3 } });
    });
  });

  it('is refused when the service account does not exist', async () => {
    await world.memory.store.delete({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      namespace: 'team',
      name: 'deployer',
    });
    const { status } = await plan([aMap('m', {})]);
    expect(codes(status)).toEqual(['SERVICE_ACCOUNT_NOT_FOUND']);
  });

  it('adopts what kubectl made, and leaves what nobody declares', async () => {
    await world.add(aMap('handmade', { a: 'kubectl' }));
    await world.add(aMap('unrelated', {}));
    const { outcome } = await plan([aMap('handmade', { a: 'git' })]);
    expect(outcome).toMatchObject({ summary: { add: 0, change: 1, remove: 0 } });
  });

  it('removes what a rollout left behind that was stuck at its removals', async () => {
    await world.rollOut([aMap('old', {}), aMap('kept', {})]);
    let isAllowed = true;
    world.memory.may = (_, verb) => verb !== 'delete' || isAllowed;
    const stuck = await world.commit([aMap('kept', {})]);
    await world.prepare(stuck);
    isAllowed = false;
    await expect(world.finish(stuck)).rejects.toThrow();
    const ref = { apiVersion: 'samband.dev/v1alpha1', kind: 'Rollout', ...stuck };
    await world.memory.store.patchStatus({ ref, status: { phase: 'Failed' } });
    isAllowed = true;
    const { outcome, status } = await plan([aMap('kept', {})]);
    expect(outcome).toMatchObject({ kind: 'planned', summary: { remove: 1, unchanged: 1 } });
    expect(status.plan?.entries).toMatchObject([{ action: 'remove', resource: 'ConfigMap team/old' }]);
  });

  it('removes nothing where the source does not prune', async () => {
    await world.rollOut([aMap('old', {})]);
    const source = {
      apiVersion: 'samband.dev/v1alpha1',
      kind: 'GitSource',
      namespace: 'team',
      name: 'messaging',
    };
    await world.edit(source, { spec: { prune: false } });
    expect((await plan([])).outcome).toMatchObject({ summary: { remove: 0 } });
  });

  it('takes a commit that the repository has lost from the snapshot of an earlier rollout', async () => {
    const rollout = await world.rollOut([aMap('m', { a: '1' })]);
    world.isGitAway = true;
    const ref = {
      apiVersion: 'samband.dev/v1alpha1',
      kind: 'Rollout',
      namespace: 'team',
      name: rollout.name,
    };
    const earlier = (await world.get(ref)) as KubeObject & { spec: { commit: string } };
    const again = await world.attempt(earlier.spec.commit, 2);
    await expect(checkoutCommit(world.ports(), again, aRun())).resolves.toMatchObject({ files: 1 });
  });

  it('tells author and subject of a commit, wherever in the checkout a worker was killed', async () => {
    for (let calls = 0; calls < 8; calls += 1) {
      const rollout = await world.commit([aMap('m', { calls: String(calls) })]);
      await checkoutCommit(world.ports(new Lifetime(calls)), rollout, aRun()).catch(() => undefined);
      await checkoutCommit(world.ports(), rollout, aRun());
      const told = await world.get({ apiVersion: 'samband.dev/v1alpha1', kind: 'Rollout', ...rollout });
      expect(told?.['status']).toMatchObject({
        author: expect.any(String) as unknown as string,
        subject: expect.any(String) as unknown as string,
      });
    }
  });
});
