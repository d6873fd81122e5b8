import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RolloutRecord, RolloutRequests, RolloutStep } from '@samband/contract';
import { findCondition, parseObject, refOf, type Rollout } from '@samband/resources';
import { aRollout, createMemoryStore, type MemoryStore } from '@samband/testing';
import { World } from '../world.spec-helper.js';
import { loadRollout, readRequests, recordRollout } from './load.js';

const ref = { namespace: 'team', name: aRollout().metadata.name };
const step = (name: string, phase: RolloutStep['phase'], message?: string): RolloutStep => ({
  name,
  phase,
  attempt: 1,
  startedAt: '2026-01-01T00:00:00Z',
  ...(message === undefined ? {} : { message }),
});

describe('the account of a rollout', () => {
  let world: World;
  let memory: MemoryStore;
  beforeEach(async () => {
    world = new World();
    ({ memory } = world);
    await memory.store.create(aRollout());
  });

  const live = async (): Promise<Rollout> => (await memory.store.get(refOf(aRollout()))) as Rollout;
  const record = (content: RolloutRecord): Promise<unknown> => recordRollout(world.ports(), ref, content);

  it('is read back as it was written', async () => {
    await record({ phase: 'Verifying', steps: [step('commit', 'Succeeded'), step('prune', 'Running')] });
    expect(await loadRollout(world.ports(), ref)).toMatchObject({
      kind: 'present',
      phase: 'Verifying',
      committed: true,
      steps: [{ name: 'commit' }, { name: 'prune', phase: 'Running' }],
    });
    expect(await loadRollout(world.ports(), { ...ref, name: 'nobody' })).toEqual({ kind: 'absent' });
  });

  it('says what it waits for, and is found waiting for it', async () => {
    const asked = { phase: 'AwaitingConfirmation', steps: [], awaits: 'confirm it' } as const;
    await record(asked);
    const { status } = await live();
    expect(status).toMatchObject({ phase: 'AwaitingConfirmation', message: 'confirm it' });
    expect(findCondition(status?.conditions, 'Stalled')).toMatchObject({
      status: 'True',
      reason: 'AwaitingConfirmation',
      message: 'confirm it',
    });
    expect(await loadRollout(world.ports(), ref)).toMatchObject(asked);
  });

  it('tells of a confirmation until it was answered', async () => {
    const annotations = { 'samband.dev/confirm': 'd' };
    await world.edit(refOf(aRollout()), { metadata: { annotations } });
    expect(await readRequests(world.ports(), ref)).toEqual({ confirm: 'd' });
    await record({ phase: 'AwaitingConfirmation', steps: [], handled: { confirm: 'd' } });
    expect(await readRequests(world.ports(), ref)).toEqual({});
  });

  it('never tells of less than it has told, unless that ends the rollout or turns it back', async () => {
    const planned = [step('checkout', 'Succeeded'), step('plan', 'Succeeded')];
    const applying = [...planned, step('apply', 'Running')];
    await record({ phase: 'Applying', steps: applying });
    await record({ phase: 'Planned', steps: planned });
    await record({ phase: 'Pending', steps: [step('checkout', 'Running')] });
    expect((await live()).status).toMatchObject({ phase: 'Applying', steps: applying });
    await record({ phase: 'Applying', steps: [...planned, step('apply', 'Succeeded')] });
    await record({ phase: 'Applying', steps: applying });
    expect((await live()).status?.steps?.at(-1)).toMatchObject({ name: 'apply', phase: 'Succeeded' });
    await record({ phase: 'Cancelled', steps: planned });
    expect((await live()).status).toMatchObject({ phase: 'Cancelled', steps: planned });
  });

  it('leaves alone what the steps themselves write into the status', async () => {
    const plan = { digest: 'd', add: 1, change: 0, remove: 0, unchanged: 0, entries: [] };
    await memory.store.patchStatus({ ref: refOf(aRollout()), status: { plan, subject: 'Add orders' } });
    await record({ phase: 'Planned', steps: [] });
    expect((await live()).status).toMatchObject({ plan, subject: 'Add orders', phase: 'Planned' });
  });

  it('survives a status that somebody writes at the same time', async () => {
    const ports = world.ports();
    let disturbed = 0;
    const store = new Proxy(ports.store, {
      get: (target, name): unknown =>
        name !== 'get'
          ? Reflect.get(target, name)
          : async (...args: Parameters<typeof target.get>) => {
              const found = await target.get(...args);
              disturbed += 1;
              if (disturbed <= 3)
                await memory.store.patchStatus({ ref: args[0], status: { subject: `subject ${disturbed}` } });
              return found;
            },
    });
    await recordRollout({ ...ports, store }, ref, { phase: 'Planned', steps: [] });
    expect((await live()).status).toMatchObject({ phase: 'Planned', subject: 'subject 3' });
  });

  it('fits into the status, however long it is, and keeps the commit point', async () => {
    const steps = [
      step('commit', 'Succeeded'),
      ...Array.from({ length: 300 }, (_, index) => step('prune', 'Failed', `${index} ${'x'.repeat(20_000)}`)),
    ];
    const failure = { code: 'KUBERNETES_FORBIDDEN', message: 'y'.repeat(50_000), retry: 'never' as const };
    await record({ phase: 'Failed', steps, failure });
    const object = await live();
    const parsed = parseObject('Rollout', object);
    expect(parsed).toMatchObject({ ok: true });
    expect(object.status?.steps).toHaveLength(128);
    expect(object.status?.steps?.at(-1)?.message).toMatch(/^299 x/);
    expect(await loadRollout(world.ports(), ref)).toMatchObject({ committed: true });
  });

  it.each([
    ['it failed', step('wait', 'Failed', 'no'), {}, { to: 'RolledBack', failure: { message: 'no' } }],
    ['it was cancelled', step('wait', 'Cancelled'), { cancel: 'now' }, { to: 'Cancelled' }],
    ['a newer one came', step('wait', 'Cancelled'), {}, { to: 'Superseded' }],
  ])('tells why there is a way back: %s', async (_, turned, handled, wayBack) => {
    const steps = [step('apply', 'Failed', 'interrupted'), turned];
    for (const more of [[], [step('restore', 'Running')]]) {
      await record({ phase: 'RollingBack', steps: [...steps, ...more], handled });
      expect(await loadRollout(world.ports(), ref)).toMatchObject({ wayBack });
    }
  });

  it.each([
    ['before anything was applied', [], undefined],
    ['what was applied was taken back', [step('apply', 'Succeeded')], undefined],
    ['before that it failed: not ready in time', [step('apply', 'Succeeded')], 'not ready in time'],
  ])('says by which rollout and commit it was superseded, and that %s', async (words, steps, why) => {
    await memory.store.create(aRollout({ spec: { commit: 'f'.repeat(40), attempt: 1 } }));
    const failure = { code: 'WAIT_TIMEOUT', message: why ?? '', retry: 'later' as const };
    await record({ phase: 'Superseded', steps, ...(why === undefined ? {} : { failure }) });
    const { status } = await live();
    expect(status?.message).toContain(`-ffffffffffff-1 (commit ffffffffffff) took over`);
    expect(status?.message).toContain(words);
    expect(findCondition(status?.conditions, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'Superseded',
      message: status?.message,
    });
  });

  it('tells requests once, and bounds what they hold', async () => {
    const long = 'z'.repeat(5_000);
    await memory.store.patch(refOf(aRollout()), {
      metadata: { annotations: { 'samband.dev/cancel': long } },
    });
    const requests = await readRequests(world.ports(), ref);
    expect(requests.cancel).toHaveLength(1_024);
    await record({ phase: 'Cancelled', steps: [], handled: requests });
    expect(parseObject('Rollout', await live())).toMatchObject({ ok: true });
    expect(await readRequests(world.ports(), ref)).toEqual({});
  });

  describe('a retry of one that is stuck', () => {
    const newer = (status: object): Promise<unknown> =>
      memory.store
        .create(aRollout({ spec: { commit: 'f'.repeat(40), attempt: 1 } }))
        .then((made) => memory.store.patchStatus({ ref: refOf(made), status }));
    const ask = async (): Promise<RolloutRequests> => {
      await record({ phase: 'Failed', steps: [step('restore', 'Failed')] });
      await memory.store.patch(refOf(aRollout()), {
        metadata: { annotations: { 'samband.dev/retry': '1' } },
      });
      return readRequests(world.ports(), ref);
    };
    beforeEach(() => {
      world.now = new Date(world.now.getTime() + 60_000);
    });

    it('counts while nothing newer has begun', async () => {
      await newer({ phase: 'Refused', steps: [step('plan', 'Failed')] });
      expect(await ask()).toEqual({ retry: '1' });
    });

    it('comes too late for one that was made before it, whatever the clock said', async () => {
      const place = (sequence: number): object => ({
        metadata: { annotations: { 'samband.dev/cause': JSON.stringify({ sequence }) } },
      });
      world.now = new Date(world.now.getTime() - 7_200_000);
      await newer({ phase: 'Pending' });
      await memory.store.patch(refOf(aRollout({ spec: { commit: 'f'.repeat(40), attempt: 1 } })), place(2));
      await memory.store.patch(refOf(aRollout()), place(1));
      expect(await ask()).toMatchObject({ overtakenBy: `messaging-${'f'.repeat(12)}-1` });
    });

    it.each([
      ['was rolled out', { phase: 'Succeeded', steps: [step('apply', 'Succeeded')] }],
      ['is about to begin', { phase: 'Pending' }],
    ])('comes too late when a newer one %s', async (_, status) => {
      await newer(status);
      expect(await ask()).toMatchObject({
        retry: '1',
        overtakenBy: `messaging-${'f'.repeat(12)}-1`,
      });
    });

    it('comes too late when a newer one was made while it was read, and counts else', async () => {
      await ask();
      const resume: RolloutRecord = { phase: 'RollingBack', steps: [], resumes: true };
      expect(await record(resume)).toEqual({ isGone: false });
      await newer({ phase: 'Pending' });
      expect(await record(resume)).toEqual({
        isGone: false,
        overtakenBy: `messaging-${'f'.repeat(12)}-1`,
      });
      // One that never was stuck goes its way back whatever waits behind it.
      expect(await record({ phase: 'RollingBack', steps: [] })).toEqual({ isGone: false });
    });

    it('says why it came too late, and asks for no further one', async () => {
      const failure = {
        code: 'ROLLOUT_OVERTAKEN',
        message: 'b was rolled out since',
        retry: 'never' as const,
      };
      await record({ phase: 'Failed', steps: [], failure });
      expect(findCondition((await live()).status?.conditions, 'Stalled')?.message).toBe(failure.message);
    });
  });

  it('is not that of another rollout with its name', async () => {
    const uid = (await live()).metadata.uid ?? '';
    await memory.store.delete(refOf(aRollout()));
    await memory.store.create(aRollout());
    expect(await recordRollout(world.ports(), ref, { uid, phase: 'Failed', steps: [] })).toEqual({
      isGone: true,
    });
    expect(await readRequests(world.ports(), ref, uid)).toEqual({ isGone: true });
    expect(await live()).not.toHaveProperty('status.phase');
  });

  it.each<[RolloutRecord['phase'], Record<string, string>]>([
    ['Applying', { Ready: 'False', Reconciling: 'True' }],
    ['Succeeded', { Ready: 'True' }],
    ['Failed', { Ready: 'False', Stalled: 'True' }],
    ['Cancelled', { Ready: 'False', Stalled: 'True' }],
  ])('says in conditions what %s means', async (phase, expected) => {
    await record({ phase, steps: [] });
    const { conditions = [] } = (await live()).status ?? {};
    expect(Object.fromEntries(conditions.map(({ type, status }) => [type, status]))).toEqual(expected);
  });

  it('writes nothing for a rollout that is gone', async () => {
    const empty = createMemoryStore({ namespaces: ['team'] });
    await recordRollout({ ...world.ports(), store: empty.store }, ref, { phase: 'Planned', steps: [] });
    expect(empty.all()).toEqual([]);
  });
});
