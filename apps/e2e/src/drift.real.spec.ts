import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annotations, labels, type KubeObject, type Rollout } from '@samband/resources';
import { eventually } from '@samband/testing';
import {
  address,
  conditionOf,
  exportRole,
  findLeaks,
  inline,
  offerPlans,
  refTo,
  space,
  Stage,
  user,
  type Client,
  type Kind,
  type Team,
} from '@samband/driver';

/** What is no longer as git says is put back, or told of, within so long. */
const promised = { timeoutMs: 60_000, intervalMs: 200 } as const;

let stage: Stage;
let team: Team;
let client: Client;
let password: string;

beforeAll(async () => {
  stage = await Stage.open();
  await offerPlans(stage);
  team = await stage.team('kiln-team');
  password = stage.secret('password of app');
  await team.succeed({
    'space.yaml': space('kiln'),
    'exports.yaml': exportRole(),
    'app.yaml': user('kiln', 'app', inline(password)),
    'glaze.yaml': address('kiln', 'glaze', { messageTtl: { maximum: 3_600_000 } }),
    'clay.yaml': address('kiln', 'clay'),
    'settings.yaml': settings('heat: high'),
  });
  client = await team.connect({ username: 'app', password });
});

afterAll(async () => {
  await stage.end();
});

function settings(data: string, annotation = ''): string {
  return `{apiVersion: v1, kind: ConfigMap, metadata: {name: settings${annotation}}, data: {${data}}}`;
}

const get = (kind: Kind, name: string): Promise<KubeObject | undefined> =>
  stage.kube.get(kind, team.namespace, name);
const patch = (kind: Kind, name: string, change: object): Promise<KubeObject> =>
  stage.kube.store.patch(refTo(kind, team.namespace, name), change, { fieldManager: 'kubectl-edit' });
const heals = async (): Promise<Rollout[]> =>
  (await team.rollouts()).filter(({ metadata }) =>
    metadata.annotations?.['samband.dev/cause']?.includes('"drift"'),
  );
const isReady = (): Promise<KubeObject> => stage.kube.ready('GitSource', team.namespace, team.source);

/** A copy as people make one: everything but what only the API server sets. */
async function copy(kind: Kind, name: string, to: string, spec: object = {}): Promise<KubeObject> {
  const { metadata, ...rest } = await stage.kube.need(kind, team.namespace, name);
  delete rest['status'];
  return stage.kube.store.create({
    ...rest,
    ...(rest['spec'] === undefined ? {} : { spec: { ...rest['spec'], ...spec } }),
    metadata: { name: to, namespace: team.namespace, labels: metadata.labels ?? {} },
  });
}

describe('a copy that carries the labels of its original', () => {
  it('is no business of the source, nor are its messages', async () => {
    await copy('Address', 'kiln.glaze', 'kiln.copied', { address: 'copied' });
    await copy('ConfigMap', 'settings', 'copied');
    await stage.kube.ready('Address', team.namespace, 'kiln.copied');
    await client.send('copied', 'kept');
    const rollout = await team.succeed({ 'more.yaml': address('kiln', 'more'), 'clay.yaml': undefined });
    expect(rollout.status?.plan).toMatchObject({ add: 1, change: 0, remove: 1 });
    expect(await get('ConfigMap', 'copied')).toBeDefined();
    expect(await client.receive('copied')).toEqual(['kept']);
    expect(await stage.kube.event(team.namespace, rollout.metadata.name, 'NotOfThisSource')).toContain(
      'kiln.copied',
    );
  });
});

describe('what somebody deletes or changes by hand', () => {
  it.each<[string, () => Promise<unknown>, () => Promise<boolean>]>([
    [
      'an address that was deleted',
      () => stage.kube.delete('Address', team.namespace, 'kiln.glaze'),
      async () => {
        const found = await get('Address', 'kiln.glaze');
        return found !== undefined && conditionOf(found, 'Ready').status === 'True';
      },
    ],
    [
      'a field that was changed',
      () => patch('Address', 'kiln.glaze', { spec: { messageTtl: { maximum: 1_000 } } }),
      async () => JSON.stringify((await get('Address', 'kiln.glaze'))?.['spec']).includes('3600000'),
    ],
    [
      'a label that was taken off',
      () => patch('Address', 'kiln.glaze', { metadata: { labels: { [labels.source]: null } } }),
      async () => (await get('Address', 'kiln.glaze'))?.metadata.labels?.[labels.source] === team.source,
    ],
    [
      'a Role that was deleted',
      () => stage.kube.delete('Role', team.namespace, 'messaging-config'),
      async () => (await get('Role', 'messaging-config')) !== undefined,
    ],
    [
      'a ConfigMap that was changed',
      () => patch('ConfigMap', 'settings', { data: { heat: 'low' } }),
      async () => JSON.stringify((await get('ConfigMap', 'settings'))?.['data']).includes('high'),
    ],
  ])('%s is put back within a minute, in a rollout of its own', async (_what, hand, isBack) => {
    await isReady();
    const before = (await heals()).length;
    await hand();
    await eventually(async () => (await isBack()) || undefined, promised);
    await eventually(async () => ((await heals()).length === before + 1 ? true : undefined), promised);
    await isReady();
    expect(await stage.kube.event(team.namespace, team.source, 'Drifted')).toContain('puts it back');
    expect((await heals()).at(-1)?.status?.plan).toMatchObject({ remove: 0, entries: [expect.anything()] });
  });

  it('is left where it is not declared, and needs no rollout', async () => {
    const before = (await team.rollouts()).length;
    await patch('Address', 'kiln.glaze', { metadata: { annotations: { note: 'mine' } } });
    await patch('ConfigMap', 'settings', { data: { more: 'mine' } });
    const revision = (await get('ConfigMap', 'settings'))?.metadata.resourceVersion;
    await team.succeed({ 'README.md': 'nothing to roll out' });
    expect((await team.rollouts()).length).toBe(before + 1);
    expect((await get('ConfigMap', 'settings'))?.metadata.resourceVersion).toBe(revision);
  });

  it('is told of and left where the manifest says so, until it is as in git again', async () => {
    const says = `, annotations: {${annotations.drift}: report}`;
    await team.succeed({ 'settings.yaml': settings('heat: high', says) });
    await isReady();
    const before = (await team.rollouts()).length;
    await patch('ConfigMap', 'settings', { data: { heat: 'low' } });
    const message = await stage.kube.notReady('GitSource', team.namespace, team.source, 'Drifted');
    expect(message).toContain(
      `ConfigMap ${team.namespace}/settings differs in data.heat (changed by kubectl-edit)`,
    );
    expect((await get('ConfigMap', 'settings'))?.['data']).toMatchObject({ heat: 'low' });
    await patch('ConfigMap', 'settings', { data: { heat: 'high' } });
    await isReady();
    expect((await team.rollouts()).length).toBe(before);
  });

  it('while no worker looks is put back by the next one', async () => {
    await isReady();
    stage.stack.kill('worker', 'SIGSTOP');
    await stage.kube.delete('Address', team.namespace, 'kiln.more');
    stage.stack.kill('worker', 'SIGKILL');
    await eventually(async () => (await get('Address', 'kiln.more')) ?? undefined, promised);
    await isReady();
  });
});

describe('secrets', () => {
  it('are found in no log, no history, no status and no Event', async () => {
    expect(await findLeaks(stage)).toEqual([]);
  });
});
