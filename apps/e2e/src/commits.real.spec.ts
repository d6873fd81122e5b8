import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annotations, rolloutPhases, type ParkedAddress } from '@samband/resources';
import { eventually } from '@samband/testing';
import {
  address,
  conditionOf,
  expectPhase,
  exportRole,
  findLeaks,
  maker,
  offerPlans,
  patience,
  space,
  Stage,
  stateOf,
  statusOf,
  user,
  type Client,
  type Team,
} from '@samband/driver';
import { allMistakes, mistakes } from './mistakes.js';

const namespace = 'parcel-team';
const left = ['parcel 1', 'parcel 2', 'parcel 3'];
let stage: Stage;
let team: Team;
let client: Client;

beforeAll(async () => {
  stage = await Stage.open();
  await offerPlans(stage);
  team = await stage.team(namespace);
  await team.succeed({
    'space.yaml': space('shop'),
    'exports.yaml': exportRole(),
    'users/app.yaml': user('shop', 'app', { generateSecret: { name: 'app-credentials' } }),
    ...Object.fromEntries(
      ['orders', 'returns', 'claims', 'invoices'].map((name) => [file(name), address('shop', name)]),
    ),
  });
  const credentials = await stage.kube.secret(namespace, 'app-credentials');
  const { username = '', password = '' } = credentials;
  client = await team.connect({ username, password: stage.secret('generated password of app', password) });
});

afterAll(async () => {
  await stage.end();
});

function file(name: string): string {
  return `addresses/${name}.yaml`;
}

async function parked(): Promise<string[]> {
  const shop = await stage.kube.need('AddressSpace', namespace, 'shop');
  const list = (statusOf(shop)['parkedAddresses'] ?? []) as ParkedAddress[];
  return list.map(({ address: name, messages }) => `${name}: ${messages}`).sort();
}

/** Nobody may do anything there. */
async function closed(name: string): Promise<void> {
  for (const attempt of [client.trySend(name), client.tryReceive(name), client.tryBrowse(name)])
    expect(['FORBIDDEN', 'NOT_FOUND']).toContain(await attempt);
}

describe('a later commit', () => {
  it('adds addresses, destroys empty ones, and parks those with messages in them', async () => {
    await client.send('returns', ...left);
    await client.send('claims', ...left);
    const attached = await (await client.connection()).openReceiver('returns', { timeoutMs: 5_000 });
    await attached.next({ timeoutMs: 5_000 });
    const { status } = await team.succeed({
      [file('shipments')]: address('shop', 'shipments'),
      [file('invoices')]: undefined,
      [file('returns')]: undefined,
      [file('claims')]: undefined,
    });
    expect(status?.plan).toMatchObject({ add: 1, change: 0, remove: 3 });
    await client.send('shipments', 'new');
    expect(await client.receive('shipments')).toEqual(['new']);
    for (const name of ['invoices', 'returns', 'claims']) await closed(name);
    await eventually(() => attached.failure() !== undefined, patience);
    expect(await parked()).toEqual(['claims: 3', 'returns: 3']);
    await eventually(async () => {
      const shop = await stage.kube.need('AddressSpace', namespace, 'shop');
      expect(conditionOf(shop, 'Parked')).toMatchObject({ status: 'True', reason: 'MessagesKept' });
      return true;
    }, patience);
    expect(await stage.kube.event(namespace, 'shop', 'MessagesKept')).toContain('3 messages');
  });

  it('brings a parked address back with its messages', async () => {
    await team.succeed({ [file('returns')]: address('shop', 'returns') });
    expect(await client.receive('returns', 3)).toEqual(left);
    await eventually(async () => (await parked()).join() === 'claims: 3', patience);
  });

  it('may be an empty one, and changes nothing', async () => {
    const before = await stateOf(stage.kube, namespace);
    const { status } = await team.succeed({}, 'Nothing at all');
    expect(status?.plan).toMatchObject({ add: 0, change: 0, remove: 0 });
    expect(await stateOf(stage.kube, namespace)).toEqual(before);
  });
});

describe('a commit that fails half-way', () => {
  it('leaves everything as it was, and names the file and line that failed', async () => {
    await client.send('orders', ...left);
    const before = await stateOf(stage.kube, namespace);
    const rollout = await team.rollOut({
      [file('audit')]: address('shop', 'audit'),
      [file('orders')]: address('shop', 'orders', { plan: 'tiny-short-queue' }),
      [file('claims')]: address('shop', 'claims', { type: 'topic' }),
      'users/temp.yaml': user('shop', 'temp', { generateSecret: { name: 'temp-credentials' } }),
    });
    expectPhase(rollout, 'RolledBack');
    expect(rollout.status?.steps?.map(({ name }) => name)).toEqual([
      ...['checkout', 'plan', 'apply', 'wait', 'restore', 'await-restored'],
    ]);
    expect(rollout.status?.problems).toContainEqual({
      file: file('claims'),
      line: 1,
      resource: `Address ${namespace}/shop.claims`,
      code: 'OBJECT_STALLED',
      message: expect.stringContaining('claims'),
    });
    await eventually(async () => {
      expect(await stateOf(stage.kube, namespace)).toEqual(before);
      return true;
    }, patience);
    expect(await stage.kube.get('Secret', namespace, 'temp-credentials')).toBeUndefined();
    expect(await client.receive('orders', 3)).toEqual(left);
    for (const name of ['audit', 'claims']) await closed(name);
    await client.send('shipments', 'still');
    expect(await client.receive('shipments')).toEqual(['still']);
  });

  it('is not tried again by itself, and a new commit that mends it is rolled out', async () => {
    const count = (await team.rollouts()).length;
    await team.requestSync('again');
    await eventually(async () => {
      const source = await stage.kube.need('GitSource', namespace, 'app');
      return (statusOf(source)['lastHandled'] as { requestedAt?: string }).requestedAt === 'again';
    }, patience);
    expect(await team.rollouts()).toHaveLength(count);
    await team.succeed({
      [file('audit')]: address('shop', 'audit'),
      [file('orders')]: address('shop', 'orders'),
      [file('claims')]: undefined,
      'users/temp.yaml': undefined,
    });
  });

  it('leaves nothing behind where there was nothing', async () => {
    const other = await stage.team('late-team');
    const before = await stateOf(stage.kube, other.namespace);
    const secrets = await stage.infraSecrets();
    const rollout = await other.rollOut({
      'a/space.yaml': space('late', {
        cert: { provider: 'certBundle', tlsKey: 'bm9uZQ==', tlsCert: 'bm9uZQ==' },
      }),
      'a/exports.yaml': exportRole(),
      'a/queue.yaml': address('late', 'queue'),
      'a/user.yaml': user('late', 'app', {}),
    });
    expectPhase(rollout, 'RolledBack');
    expect(rollout.status?.problems).toContainEqual(
      expect.objectContaining({
        file: 'a/space.yaml',
        line: 1,
        message: expect.stringContaining('certificate bundle cannot be used'),
      }),
    );
    await eventually(async () => {
      expect(await stateOf(stage.kube, other.namespace)).toEqual(before);
      expect(await stage.infraSecrets()).toEqual(secrets);
      return true;
    }, patience);
  });
});

describe('a commit with mistakes', () => {
  it('is refused as a whole, with every mistake by file and line', async () => {
    const before = await stateOf(stage.kube, namespace);
    const rollout = await team.rollOut({
      ...mistakes,
      [file('orders')]: address('shop', 'orders', { type: 'topic' }),
    });
    expectPhase(rollout, 'Refused');
    const found = (rollout.status?.problems ?? []).map(({ file: at, line, code }) => `${at}:${line} ${code}`);
    expect(found).toEqual(allMistakes);
    expect(await stateOf(stage.kube, namespace)).toEqual(before);
  });
});

describe('a rollout that waits', () => {
  /** A rollout is held at its step `wait` until this Secret is there. */
  const gate = 'late-secret';
  let gated: Team;

  beforeAll(async () => {
    gated = await stage.team('gated-team');
  });

  const waiting = (name: string): Record<string, string> => ({
    'user.yaml': user('gate', 'late', { passwordSecretRef: { name } }),
    'maker.yaml': maker(),
  });
  const complete = {
    'space.yaml': space('gate'),
    'exports.yaml': exportRole(),
    'queue.yaml': address('gate', 'queue'),
  };

  it('is cancelled on request, and everything is as it was: no space, no broker, no Secret', async () => {
    const before = await stateOf(stage.kube, gated.namespace);
    const secrets = await stage.infraSecrets();
    const brokers = stage.brokerPids().length;
    const commit = await gated.push({
      ...complete,
      ...waiting(gate),
      'other.yaml': user('gate', 'other', {}),
    });
    const rollout = await gated.atStep(commit, 'wait');
    await stage.kube.ready('AddressSpace', gated.namespace, 'gate');
    expect(stage.brokerPids()).toHaveLength(brokers + 1);
    await gated.annotateRollout(rollout, { [annotations.cancel]: 'changed our minds' });
    const { status } = expectPhase(await gated.ended(commit), 'Cancelled');
    expect(status?.lastHandled).toMatchObject({ cancel: 'changed our minds' });
    await eventually(async () => {
      expect(await stateOf(stage.kube, gated.namespace)).toEqual(before);
      expect(await stage.infraSecrets()).toEqual(secrets);
      expect(stage.brokerPids()).toHaveLength(brokers);
      return true;
    }, patience);
  });

  it('runs once more when a retry is asked for', async () => {
    const [cancelled] = (await gated.rollouts()).slice(-1);
    if (cancelled === undefined) throw new Error('there is no rollout');
    await stage.kube.putSecret(gated.namespace, gate, { password: stage.secret('referenced password') });
    await gated.annotateRollout(cancelled, { [annotations.retry]: 'after all' });
    expectPhase(await gated.ended(cancelled.spec.commit, 2), 'Succeeded');
  });

  it('makes room for the commit that mends it; of several pushes the newest is in force, of the others nothing', async () => {
    const before = await stateOf(stage.kube, gated.namespace);
    const bad = await gated.push({ ...waiting('no-such-secret'), 'stray.yaml': address('gate', 'stray') });
    await gated.atStep(bad, 'wait');
    const second = await gated.push({ 'second.yaml': address('gate', 'second') });
    await gated.rollout(second, rolloutPhases);
    const mended = { ...waiting(gate), 'stray.yaml': undefined, 'second.yaml': undefined };
    const fix = await gated.push(mended);
    expectPhase(await gated.ended(fix), 'Succeeded');
    const overtaken = expectPhase(await gated.ended(bad), 'Superseded');
    expect(overtaken.status?.message).toContain('what was applied was taken back');
    expectPhase(await gated.ended(second), 'Superseded');
    expect(await stateOf(stage.kube, gated.namespace)).toEqual(before);
    await gated.succeed({ 'fourth.yaml': address('gate', 'fourth') });
  });

  it('is recorded as what replaced another, and the source says what is in force', async () => {
    const succeeded = await gated.succeeded();
    const [last, before] = [succeeded.at(-1), succeeded.at(-2)];
    expect(last?.status?.replaces).toBe(before?.metadata.name);
    await eventually(async () => {
      const source = await stage.kube.need('GitSource', gated.namespace, 'app');
      expect(statusOf(source)['applied']).toMatchObject({
        commit: last?.spec.commit,
        rollout: last?.metadata.name,
      });
      return true;
    }, patience);
  });

  it('is undone by going back to an earlier rollout, and stays so until the next push', async () => {
    const [, earlier] = await gated.succeeded();
    if (earlier === undefined) throw new Error('there is no earlier rollout');
    await stage.kube.annotate('GitSource', gated.namespace, 'app', {
      [annotations.rollbackTo]: earlier.metadata.name,
    });
    expectPhase(await gated.ended(earlier.spec.commit, earlier.spec.attempt + 1), 'Succeeded');
    await stage.kube.gone('Address', gated.namespace, 'gate.fourth');
    const count = (await gated.rollouts()).length;
    await gated.requestSync('look');
    await eventually(async () => {
      const source = await stage.kube.need('GitSource', gated.namespace, 'app');
      return (statusOf(source)['lastHandled'] as { requestedAt?: string }).requestedAt === 'look';
    }, patience);
    expect(await gated.rollouts()).toHaveLength(count);
  });

  it('rolls out an older commit that was pushed by force as a new head', async () => {
    const { after } = await gated.repository.push({ 'fifth.yaml': address('gate', 'fifth') }, 'Fifth');
    const [older] = await gated.succeeded();
    await gated.requestSync('fifth');
    expectPhase(await gated.ended(after), 'Succeeded');
    await stage.kube.ready('Address', gated.namespace, 'gate.fourth');
    const push = await gated.repository.forcePush(older?.spec.commit ?? '');
    expect((await gated.deliver(push)).status).toBe(202);
    const again = await gated.ended(push.after, (await attemptsAt(gated, push.after)) + 1);
    expectPhase(again, 'Succeeded');
    for (const name of ['fourth', 'fifth']) await stage.kube.gone('Address', gated.namespace, `gate.${name}`);
  });
});

async function attemptsAt(of: Team, commit: string): Promise<number> {
  return (await of.rollouts()).filter(
    ({ spec, status }) => spec.commit === commit && status?.finishedAt !== undefined,
  ).length;
}

describe('parked messages', () => {
  it('are destroyed when their time is up, and not before', async () => {
    await client.send('returns', ...left);
    await team.succeed({
      'space.yaml': space('shop', { annotations: { [annotations.parkFor]: '1h' } }),
      ...Object.fromEntries(Object.keys(mistakes).map((name) => [name, undefined])),
      [file('returns')]: undefined,
      [file('orders')]: address('shop', 'orders'),
    });
    expect(await parked()).toContain('returns: 3');
    await team.succeed({ 'space.yaml': space('shop', { annotations: { [annotations.parkFor]: '1s' } }) });
    await eventually(async () => (await parked()).length === 0, patience);
    await team.succeed({ [file('returns')]: address('shop', 'returns') });
    await client.send('returns', 'the only one');
    expect(await client.receive('returns')).toEqual(['the only one']);
  });
});

describe('secrets', () => {
  it('are found in no log, no history, no status and no Event', async () => {
    expect(await findLeaks(stage)).toEqual([]);
  });
});
