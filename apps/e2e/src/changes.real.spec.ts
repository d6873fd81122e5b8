import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annotations } from '@samband/resources';
import { eventually } from '@samband/testing';
import {
  address,
  conditionOf,
  expectPhase,
  exportRole,
  findLeaks,
  inline,
  maker,
  operators,
  patience,
  plans,
  refTo,
  space,
  Stage,
  stateOf,
  user,
  type Client,
  type Team,
} from '@samband/driver';

let stage: Stage;
let ops: Team;
let team: Team;
let client: Client;
let password: string;

/** A plan for brokers larger than the host. */
const vast = plans
  .split('---\n')
  .filter((text) => /^ {2}name: tiny$/m.test(text))
  .join('---\n')
  .replaceAll(/: tiny$/gm, ': vast')
  .replace('memory: 256Mi', 'memory: 900Gi');

beforeAll(async () => {
  stage = await Stage.open();
  ops = await operators(stage);
  team = await stage.team('mill-team');
  password = stage.secret('password of app');
  await team.succeed({
    'space.yaml': space('mill'),
    'exports.yaml': exportRole(),
    'app.yaml': user('mill', 'app', inline(password)),
    'orders.yaml': address('mill', 'orders'),
    'old.yaml': address('mill', 'old'),
  });
  client = await team.connect({ username: 'app', password });
});

afterAll(async () => {
  await stage.end();
});

describe('an object with a new name', () => {
  const renamed = {
    'orders.yaml': undefined,
    'new-orders.yaml': address('mill', 'orders').replace('"mill.orders"', '"mill.all-orders"'),
  };

  it('is refused while the old one holds its address, since what is gone is removed last', async () => {
    await client.send('orders', 'mine');
    const rollout = expectPhase(await team.rollOut(renamed), 'Refused');
    expect(rollout.status?.problems).toEqual([
      expect.objectContaining({
        file: 'new-orders.yaml',
        line: 8,
        code: 'NAME_IN_USE',
        message: expect.stringContaining('Address mill-team/mill.orders'),
      }),
    ]);
  });

  it('gets the messages of the old one, when that was removed before', async () => {
    const { 'new-orders.yaml': manifest } = renamed;
    await team.succeed({ 'new-orders.yaml': undefined });
    await team.succeed({ 'new-orders.yaml': manifest });
    expect(await client.receive('orders')).toEqual(['mine']);
  });
});

describe('another plan', () => {
  it('of the space changes its broker, which keeps its ports and messages', async () => {
    const before = await team.endpoint();
    await client.send('orders', 'through', 'the change');
    await team.succeed({ 'space.yaml': space('mill', { plan: 'roomy' }) });
    expect(await team.endpoint()).toEqual(before);
    expect(await client.receive('orders', 2)).toEqual(['through', 'the change']);
  });

  it('of the broker reaches the spaces that use it', async () => {
    const [before] = stage.brokerPids();
    await client.send('orders', 'through', 'that change too');
    await ops.succeed({ 'plans.yaml': plans.replace('memory: 384Mi', 'memory: 420Mi') });
    await eventually(() => stage.brokerPids().some((pid) => pid !== before), patience);
    const received = await eventually(() => client.receive('orders', 2), patience);
    expect(received).toEqual(['through', 'that change too']);
    await stage.kube.ready('AddressSpace', team.namespace, 'mill');
  });
});

describe('a removal that is stuck', () => {
  it('says where, and goes on when a retry is asked for', async () => {
    const commit = await team.push({
      'old.yaml': undefined,
      'maker.yaml': maker(),
      'late.yaml': user('mill', 'late', { passwordSecretRef: { name: 'late' } }),
    });
    await team.atStep(commit, 'wait');
    const binding = await stage.kube.need('RoleBinding', team.namespace, 'app');
    await stage.kube.delete('RoleBinding', team.namespace, 'app');
    await stage.kube.putSecret(team.namespace, 'late', { password: stage.secret('late') });
    const stuck = expectPhase(await team.ended(commit), 'Failed');
    expect(stuck.status?.steps?.at(-1)).toMatchObject({ name: 'prune', phase: 'Failed' });
    expect(stuck.status?.message).toContain('mill.old');
    await stage.kube.apply({
      apiVersion: binding.apiVersion,
      kind: binding.kind,
      metadata: { name: 'app', namespace: team.namespace },
      roleRef: binding['roleRef'],
      subjects: binding['subjects'],
    });
    await team.annotateRollout(stuck, { [annotations.retry]: 'granted again' });
    expectPhase(await team.rollout(commit, ['Succeeded']), 'Succeeded');
    await stage.kube.gone('Address', team.namespace, 'mill.old');
  });
});

describe('a commit that waits for what never comes', () => {
  it('says what it lacks at once, also on its source and as an Event, and gives up within seconds', async () => {
    const before = await stateOf(stage.kube, team.namespace);
    const rollout = expectPhase(
      await team.rollOut({
        'maker.yaml': undefined,
        'batch.yaml': user('mill', 'batch', { passwordSecretRef: { name: 'forgotten' } }),
      }),
      'RolledBack',
    );
    const lacking = `Secret forgotten does not exist in ${team.namespace}`;
    expect(rollout.status?.problems).toEqual([
      expect.objectContaining({
        file: 'batch.yaml',
        code: 'DEPENDENCY_MISSING',
        message: expect.stringContaining(lacking),
      }),
    ]);
    expect(await stage.kube.event(team.namespace, rollout.metadata.name, 'UnknownSecret')).toContain(lacking);
    expect(await stage.kube.notReady('GitSource', team.namespace, 'app', 'DependencyMissing')).toContain(
      lacking,
    );
    expect(await stateOf(stage.kube, team.namespace)).toEqual(before);
  });

  it('is mended by the next one, which nothing of it is left beside', async () => {
    const mended = { 'batch.yaml': user('mill', 'batch', { generateSecret: { name: 'batch-login' } }) };
    await team.succeed(mended);
    const { username = '', password: own = '' } = await stage.kube.secret(team.namespace, 'batch-login');
    const batch = await team.connectSoon({ username, password: stage.secret('password of batch', own) });
    await client.send('orders', 'for the batch');
    expect(await batch.receive('orders')).toEqual(['for the batch']);
    await batch.close();
  });

  it('for memory that no host has names memory, and its space is gone again', async () => {
    await ops.succeed({ 'vast.yaml': vast });
    const rollout = await team.rollOut({ 'vast.yaml': space('vast', { plan: 'vast', exports: [] }) });
    expectPhase(rollout, 'RolledBack');
    expect(rollout.status?.message).toMatch(/AddressSpace .*vast.*memory/);
    await stage.kube.gone('AddressSpace', team.namespace, 'vast');
    await team.succeed({ 'vast.yaml': undefined });
  });
});

describe('a source', () => {
  it('whose repository is away says so, and goes on when it is back', async () => {
    const lost = await stage.team('lost-team');
    const good = { url: lost.repository.url };
    const source = refTo('GitSource', lost.namespace, lost.source);
    await stage.kube.store.patch(source, { spec: { url: `${good.url}-gone`, interval: '5s' } });
    await stage.kube.notReady('GitSource', lost.namespace, lost.source, 'GitUnavailable');
    await lost.repository.push(
      { 'map.yaml': '{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}' },
      'Map',
    );
    await stage.kube.store.patch(source, { spec: good });
    await stage.kube.ready('GitSource', lost.namespace, lost.source);
    expect(await stage.kube.get('ConfigMap', lost.namespace, 'm')).toBeDefined();
  });

  it('whose service account is missing is refused, and rolled out once it is there', async () => {
    const bare = await stage.team('bare-team');
    await stage.kube.delete('ServiceAccount', bare.namespace, bare.source);
    const refused = expectPhase(
      await bare.rollOut({ 'map.yaml': '{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}' }),
      'Refused',
    );
    expect(refused.status?.problems).toEqual([
      expect.objectContaining({ code: 'SERVICE_ACCOUNT_NOT_FOUND' }),
    ]);
    await stage.kube.apply({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: bare.source, namespace: bare.namespace },
    });
    await bare.requestSync('now');
    expectPhase(await bare.ended(refused.spec.commit, 2), 'Succeeded');
  });

  it('that is suspended leaves new commits alone until it is not', async () => {
    const still = await stage.team('still-team');
    const source = refTo('GitSource', still.namespace, still.source);
    await stage.kube.store.patch(source, { spec: { suspend: true } });
    await stage.kube.notReady('GitSource', still.namespace, still.source, 'Suspended');
    const commit = await still.push({ 'map.yaml': '{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}' });
    await stage.kube.store.patch(source, { spec: { suspend: false } });
    expectPhase(await still.ended(commit), 'Succeeded');
  });

  it('is gone with its namespace, and so is everything it brought', async () => {
    await client.close();
    expect(conditionOf(await stage.kube.need('AddressSpace', team.namespace, 'mill'), 'Ready').status).toBe(
      'True',
    );
    await stage.kube.kubectl(['delete', 'namespace', team.namespace, '--timeout=80s']);
    await eventually(() => stage.brokerPids().length === 0, patience);
    expect(await stage.infraSecrets()).toEqual([]);
    expect(await stateOf(stage.kube, team.namespace)).toEqual({});
  });
});

describe('secrets', () => {
  it('are found in no log, no history, no status and no Event', async () => {
    expect(await findLeaks(stage)).toEqual([]);
  });
});
