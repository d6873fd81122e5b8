import { beforeEach, describe, expect, it } from '@jest/globals';
import { findCondition, type KubeObject, type MessagingUser } from '@samband/resources';
import { aMessagingUser, anAddress, anAuthenticationService } from '@samband/testing';
import { SpaceWorld, type Worker } from './space.spec-helper.js';

const bob = aMessagingUser();
const aSecret = (name: string, data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'team', name },
  stringData: data,
});
/** A user whose password lies in a Secret. */
const withSecret = (name: string, username = name): MessagingUser =>
  aMessagingUser({
    metadata: { name: `app.${name}` },
    spec: {
      username,
      authentication: { type: 'password', passwordSecretRef: { name: 'login', key: 'password' } },
    },
  } as never);

describe('the users of a space', () => {
  let world: SpaceWorld;
  let worker: Worker;
  beforeEach(async () => {
    world = await new SpaceWorld().withSpace();
    worker = world.worker();
    await world.add(anAddress());
    await world.add(bob);
    await worker.bringUp();
    world.broker.connected.add('bob').add('eve');
  });

  const ready = async (user: MessagingUser): Promise<unknown> =>
    findCondition((await world.statusOf(user))?.conditions, 'Ready');
  const logins = (): string[] =>
    (JSON.parse(world.infra.files(world.id)['users'] ?? '[]') as [string, string][]).map(([name]) => name);
  const secret = (name: string): Promise<KubeObject | undefined> =>
    world.get({ apiVersion: 'v1', kind: 'Secret', namespace: 'team', name });
  const edit = (user: MessagingUser, spec: object): Promise<unknown> =>
    world.edit({ ...user, namespace: 'team', name: user.metadata.name }, { spec });

  it('can log in, may what they were granted, and their status says so', async () => {
    expect(logins()).toEqual(['$probe', 'bob']);
    expect(world.broker.permissions()).toContainEqual(expect.objectContaining({ match: '#', send: ['bob'] }));
    expect(await world.statusOf(bob)).toMatchObject({ phase: 'Active', observedGeneration: 1 });
  });

  it('may use an address that came later, when what they were granted covers it', async () => {
    await edit(bob, { authorization: [{ operations: ['send'], addresses: ['or*'] }] });
    await worker.bringUp();
    await world.add(anAddress({ spec: { address: 'oranges' } }));
    await worker.bringUp();
    const matches = world.broker.permissions().filter(({ send }) => send.includes('bob'));
    expect(matches.map(({ match }) => match)).toEqual(['oranges', 'orders']);
  });

  it('cost nothing when nothing changed', async () => {
    const before = world.memory.all();
    const asked = world.broker.calls.length;
    expect(await worker.syncUsers()).toMatchObject({ changed: 0, retry: false });
    expect(world.memory.all()).toEqual(before);
    expect(world.broker.calls.slice(asked)).toEqual(['permissions']);
  });

  it('with one username: the oldest has it, the other is told whose it is', async () => {
    world.wait(1);
    const twin = aMessagingUser({ metadata: { name: 'app.a-twin' } });
    await world.add(twin);
    expect(await worker.syncUsers()).toMatchObject({ total: 2, ready: 1, retry: false });
    expect(await ready(bob)).toMatchObject({ status: 'True' });
    expect(await ready(twin)).toMatchObject({
      reason: 'Conflict',
      message: expect.stringContaining('app.bob'),
    });
  });

  it('with one username: rights of the oldest never go with the password of another', async () => {
    const older = withSecret('older', 'shared');
    await world.add(older);
    world.wait(1);
    const younger = aMessagingUser({
      metadata: { name: 'app.younger' },
      spec: { username: 'shared', authorization: [] },
    });
    await world.add(younger);
    expect(await worker.syncUsers()).toMatchObject({ ready: 1, retry: true });
    expect(logins()).not.toContain('shared');
    expect(await ready(younger)).toMatchObject({ status: 'False', reason: 'Conflict' });
  });

  it('of a type that is not served hold no username', async () => {
    world.now = new Date(world.now.getTime() - 3_600_000);
    const older = aMessagingUser({
      metadata: { name: 'app.federated' },
      spec: { username: 'carol', authentication: { type: 'federated', provider: 'x' } },
    } as never);
    await world.add(older);
    world.wait(2);
    await world.add(aMessagingUser({ spec: { username: 'carol' } }));
    await worker.syncUsers();
    expect(await ready(older)).toMatchObject({ reason: 'Unsupported' });
    expect(logins()).toContain('carol');
  });

  it('with a pattern that the broker cannot keep are told so, and hold up nobody', async () => {
    const eager = aMessagingUser({
      metadata: { name: 'app.eager' },
      spec: { username: 'eager', authorization: [{ operations: ['send'], addresses: ['orders', '$SYS/#'] }] },
    });
    await world.add(eager);
    await world.add(anAddress({ metadata: { name: 'app.odd' }, spec: { address: '$odd' } }));
    await world.add(withSecret('carol'));
    await world.add(aSecret('login', { password: 'pw' }));
    await worker.bringUp();
    expect(await ready(eager)).toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining('"$SYS/#" must not start with "$"'),
    });
    expect(logins()).toEqual(['$probe', 'bob', 'carol']);
    const granted = world.broker.permissions();
    expect(granted.filter(({ match }) => match.startsWith('$'))).toEqual([]);
    expect(granted.filter(({ send }) => send.includes('eager'))).toEqual([]);
  });

  it.each(['', '=', 'A'])('with the empty password %j have no login, and are told so', async (password) => {
    const user = aMessagingUser({
      metadata: { name: 'app.carol' },
      spec: { username: 'carol', authentication: { type: 'password', password } },
    });
    await world.add(user);
    expect(await worker.syncUsers()).toMatchObject({ ready: 1, retry: false });
    expect(await ready(user)).toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining('password is empty'),
    });
    expect(logins()).toEqual(['$probe', 'bob']);
  });

  it.each(['s3cret\n', 's3cret\r\n'])(
    'log in with what people see of the password %j, in a Secret and inline alike',
    async (text) => {
      const inline = (password: string): object => ({
        authentication: { type: 'password', password: Buffer.from(password).toString('base64') },
      });
      const dave = aMessagingUser({
        metadata: { name: 'app.dave' },
        spec: { username: 'dave', ...inline(text) },
      });
      await world.add(aSecret('login', { password: text }));
      await world.add(withSecret('carol'));
      await world.add(dave);
      expect(await worker.syncUsers()).toMatchObject({ ready: 3 });
      await world.edit(
        { apiVersion: 'v1', kind: 'Secret', namespace: 'team', name: 'login' },
        { data: { password: Buffer.from('s3cret').toString('base64') } },
      );
      await edit(dave, inline('s3cret'));
      expect(await worker.syncUsers()).toMatchObject({ ready: 3, changed: 0 });
    },
  );

  it.each(['\n', 'e\u0301', 'a\nb'])(
    'whose password %j not every client could give are told so, and served once it is another',
    async (text) => {
      const user = withSecret('carol');
      await world.add(user);
      await world.add(aSecret('login', { password: text }));
      expect(await worker.syncUsers()).toMatchObject({ ready: 1, retry: true });
      expect(await ready(user)).toMatchObject({
        reason: 'Invalid',
        message: expect.stringContaining('the password in Secret login'),
      });
      await world.edit(
        { apiVersion: 'v1', kind: 'Secret', namespace: 'team', name: 'login' },
        { data: { password: 'cHc=' } },
      );
      expect(await worker.syncUsers()).toMatchObject({ ready: 2, retry: false });
    },
  );

  it('whose Secret is missing are tried again, and served once it is there', async () => {
    const user = withSecret('carol');
    await world.add(user);
    expect(await worker.syncUsers()).toMatchObject({ ready: 1, retry: true });
    expect(await ready(user)).toMatchObject({ reason: 'UnknownSecret' });
    await world.add(aSecret('login', { other: 'x' }));
    expect(await worker.syncUsers()).toMatchObject({ retry: true });
    await world.edit(
      { apiVersion: 'v1', kind: 'Secret', namespace: 'team', name: 'login' },
      { data: { password: 'cHc=' } },
    );
    expect(await worker.syncUsers()).toMatchObject({ ready: 2, retry: false });
    expect(logins()).toContain('carol');
  });

  it('without a password get one, in a Secret of their own that is made once', async () => {
    const dave = aMessagingUser({ spec: { username: 'dave', authentication: { type: 'password' } } });
    const made = await world.add(dave);
    await worker.syncUsers();
    const generated = await secret('app.dave-credentials');
    expect(generated?.metadata.ownerReferences).toMatchObject([
      { kind: 'MessagingUser', uid: made.metadata.uid },
    ]);
    expect(await world.statusOf(dave)).toMatchObject({ credentialsSecret: 'app.dave-credentials' });
    await worker.syncUsers();
    expect(await secret('app.dave-credentials')).toEqual(generated);
  });

  it('never take over a Secret of somebody else', async () => {
    const foreign = await world.add(aSecret('app.dave-credentials', { password: 'theirs' }));
    const dave = aMessagingUser({ spec: { username: 'dave', authentication: { type: 'password' } } });
    await world.add(dave);
    expect(await worker.syncUsers()).toMatchObject({ ready: 1, retry: true });
    expect(await secret('app.dave-credentials')).toEqual(foreign);
    expect(logins()).not.toContain('dave');
    expect(await ready(dave)).toMatchObject({ message: expect.stringContaining('is not of this user') });
  });

  it('that leave are disconnected, and the others are not', async () => {
    await world.add(aMessagingUser({ spec: { username: 'eve' } }));
    await worker.syncUsers();
    await world.remove(bob);
    await worker.syncUsers();
    expect(world.broker.closed).toEqual(['bob']);
    expect(logins()).toEqual(['$probe', 'eve']);
  });

  it('that get another password are disconnected', async () => {
    await edit(bob, { authentication: { password: 'bmV3' } });
    await worker.syncUsers();
    expect(world.broker.closed).toEqual(['bob']);
  });

  it('that lose a right are disconnected, also when their addresses are synced first', async () => {
    await edit(bob, { authorization: [{ operations: ['send'], addresses: ['*'] }] });
    await worker.syncAddresses();
    await worker.syncUsers();
    expect(world.broker.closed).toEqual(['bob']);
    world.broker.connected.add('bob');
    await edit(bob, { authorization: [{ operations: ['send', 'recv'], addresses: ['*'] }] });
    await worker.syncUsers();
    expect(world.broker.closed).toEqual(['bob']);
  });

  it('that lost a right while no worker looked are disconnected by the next one', async () => {
    await edit(bob, { authorization: [{ operations: ['send'], addresses: ['*'] }] });
    await world.worker().bringUp();
    expect(world.broker.closed).toContain('bob');
  });

  it('that left while no worker looked are disconnected by the next one', async () => {
    await world.remove(bob);
    await world.worker().bringUp();
    expect(world.broker.closed).toEqual(['bob', 'eve']);
  });

  it('that lost a right are disconnected by whichever worker goes on', async () => {
    await edit(bob, { authorization: [{ operations: ['send'], addresses: ['*'] }] });
    await worker.syncAddresses();
    await world.worker().syncUsers();
    expect(world.broker.closed).toContain('bob');
  });

  it.each(['away', 'killed'])(
    'that have a new password are disconnected by the next run when the broker was %s after it was written',
    async (how) => {
      await edit(bob, { authentication: { type: 'password', password: 'bmV1' } });
      world.broker.isAway = true;
      await expect(worker.syncUsers()).rejects.toThrow();
      world.broker.isAway = false;
      expect(world.broker.closed).toEqual([]);
      await (how === 'killed' ? world.worker() : worker).syncUsers();
      expect(world.broker.closed).toContain('bob');
    },
  );

  it('need not exist where anybody may do anything', async () => {
    await world.edit(
      { ...anAuthenticationService(), namespace: 'enmasse-infra', name: 'standard-authservice' },
      { spec: { type: 'none' } },
    );
    await worker.bringUp();
    expect(world.broker.permissions()).toContainEqual(
      expect.objectContaining({ match: '#', send: ['$anybody'], consume: ['$anybody'] }),
    );
  });

  it('are not touched by an attempt that no longer counts', async () => {
    await world.remove(bob);
    const [files, asked] = [world.infra.files(world.id), world.broker.calls.length];
    await expect(worker.syncUsers(AbortSignal.abort())).rejects.toThrow();
    expect(world.infra.files(world.id)).toEqual(files);
    expect(world.broker.calls).toHaveLength(asked);
  });
});
