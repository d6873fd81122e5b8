import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INFRA_NAMESPACE, type KubeObject } from '@samband/resources';
import { eventually } from '@samband/testing';
import {
  address,
  configMap,
  exportRole,
  findLeaks,
  inline,
  offerPlans,
  patience,
  space,
  Stage,
  user,
  type Client,
  type Grant,
  type Team,
} from '@samband/driver';

const namespace = 'desk-team';
let stage: Stage;
let team: Team;
let all: Client;

beforeAll(async () => {
  stage = await Stage.open();
  await offerPlans(stage);
  team = await stage.team(namespace);
  const password = stage.secret('password of all');
  await team.succeed({
    'space.yaml': space('desk'),
    'exports.yaml': exportRole(),
    'all.yaml': user('desk', 'all', inline(password)),
    ...Object.fromEntries(
      ['orders', 'invoices', 'eu/no/oslo', 'eu/no/bergen', 'eu/se/lund'].map((name) => [
        `${name.replaceAll('/', '-')}.yaml`,
        address('desk', name),
      ]),
    ),
  });
  all = await team.connect({ username: 'all', password });
  // A connection without any link may be taken for one that has not shown yet who it is.
  await (await all.connection()).openReceiver('eu/se/lund', { timeoutMs: 5_000, credit: 0 });
});

afterAll(async () => {
  await stage.end();
});

/** Declares a user, as `kubectl apply` does, and waits until it is in force. */
async function declare(
  name: string,
  authentication: Readonly<Record<string, unknown>>,
  grants?: readonly Grant[],
): Promise<void> {
  const manifest = JSON.parse(user('desk', name, authentication, grants)) as KubeObject;
  await stage.kube.apply({ ...manifest, metadata: { ...manifest.metadata, namespace } });
  await stage.kube.ready('MessagingUser', namespace, `desk.${name}`);
}

/** Until something is so: rights are in force a moment after the user says that it is Ready. */
function soon(check: () => Promise<unknown>, expected: unknown): Promise<boolean> {
  return eventually(async () => {
    expect(await check()).toEqual(expected);
    return true;
  }, patience);
}

async function loses(client: Client): Promise<void> {
  await eventually(() => !client.isOpen(), patience);
}

describe('what a user may do', () => {
  const password = 'clerk and clerk';
  let clerk: Client;

  beforeAll(async () => {
    stage.secret('password of clerk', password);
    await declare('clerk', inline(password), [[['send'], ['orders']]]);
    clerk = await team.connectSoon({ username: 'clerk', password });
  });

  afterAll(async () => {
    await clerk.close();
  });

  it('is what the authorization says, and nothing else', async () => {
    await clerk.send('orders', 'one');
    expect(await clerk.tryReceive('orders')).toBe('FORBIDDEN');
    expect(await clerk.tryBrowse('orders')).toBe('FORBIDDEN');
    expect(await clerk.trySend('invoices')).toBe('FORBIDDEN');
    expect(await clerk.trySend('activemq.management')).not.toBe('allowed');
    expect(await clerk.trySend('a-new-one')).not.toBe('allowed');
    expect(await all.receive('orders')).toEqual(['one']);
  });

  it('changes for connections that are open', async () => {
    const sender = await (await clerk.connection()).openSender('orders', { timeoutMs: 5_000 });
    await sender.send({ body: 'two' });
    await declare('clerk', inline(password), [[['recv'], ['orders']]]);
    await soon(() => clerk.tryReceive('orders'), 'allowed');
    await soon(() => clerk.trySend('orders'), 'FORBIDDEN');
    await eventually(
      () =>
        sender.send({ body: 'not any more' }).then(
          () => false,
          () => true,
        ),
      patience,
    );
    expect(await clerk.receive('orders')).toEqual(['two']);
  });

  it('ends for receivers that are attached', async () => {
    const bodies: string[] = [];
    await (
      await clerk.connection()
    ).openReceiver('orders', {
      timeoutMs: 5_000,
      onMessage: (message) => {
        bodies.push(String(message.body));
        message.accept();
      },
    });
    await all.send('orders', 'still');
    await eventually(() => bodies.join() === 'still', patience);
    await declare('clerk', inline(password), [[['view'], ['invoices']]]);
    await soon(() => clerk.tryReceive('orders'), 'FORBIDDEN');
    await all.send('orders', 'for somebody else');
    expect(await all.receive('orders')).toEqual(['for somebody else']);
    expect(bodies).toEqual(['still']);
  });

  it('is to look, without taking, for who may view', async () => {
    const viewer = await team.connectSoon({ username: 'clerk', password });
    await all.send('invoices', 'kept');
    await soon(() => viewer.tryBrowse('invoices'), 'allowed');
    expect(await viewer.tryReceive('invoices')).toBe('FORBIDDEN');
    expect(await all.receive('invoices')).toEqual(['kept']);
    await viewer.close();
  });

  it.each([
    ['eu/no/+', ['eu/no/oslo', 'eu/no/bergen'], ['eu/se/lund', 'orders']],
    ['eu/#', ['eu/no/oslo', 'eu/se/lund'], ['orders']],
    ['inv*', ['invoices'], ['orders', 'eu/no/oslo']],
    ['*', ['orders', 'eu/se/lund'], []],
  ])('covers the addresses of the pattern %s only', async (pattern, allowed, refused) => {
    await declare('clerk', inline(password), [[['send', 'recv'], [pattern]]]);
    const client = await team.connectSoon({ username: 'clerk', password });
    for (const name of allowed) await soon(() => client.trySend(name), 'allowed');
    for (const name of refused) await soon(() => client.trySend(name), 'FORBIDDEN');
    await client.close();
  });
});

describe('a user that is removed', () => {
  it('loses the open connections, and does not come in again', async () => {
    const password = stage.secret('password of guest');
    await declare('guest', inline(password));
    const guest = await team.connectSoon({ username: 'guest', password, mechanism: 'SCRAM-SHA-256' });
    await stage.kube.delete('MessagingUser', namespace, 'desk.guest');
    await loses(guest);
    await expect(team.connect({ username: 'guest', password })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect(all.isOpen()).toBe(true);
  });
});

describe('a password', () => {
  const refuses = (username: string, password: string): Promise<boolean> =>
    eventually(
      () =>
        team.connect({ username, password }).then(
          async (client) => {
            await client.close();
            return false;
          },
          (error: unknown) => (error as { code?: unknown }).code === 'UNAUTHENTICATED',
        ),
      patience,
    );

  it('is that of the Secret that is referred to, and changes with it', async () => {
    const [before, after] = [stage.secret('first referenced'), stage.secret('second referenced')];
    await stage.kube.putSecret(namespace, 'login', { password: 'x', key: before });
    await declare('referrer', { passwordSecretRef: { name: 'login', key: 'key' } });
    const client = await team.connectSoon({ username: 'referrer', password: before });
    await stage.kube.putSecret(namespace, 'login', { password: 'x', key: after });
    await loses(client);
    await (await team.connectSoon({ username: 'referrer', password: after })).close();
    await refuses('referrer', before);
  });

  it('that cannot be found is named, and awaited', async () => {
    const manifest = JSON.parse(
      user('desk', 'waiting', { passwordSecretRef: { name: 'not-yet' } }),
    ) as KubeObject;
    await stage.kube.apply({ ...manifest, metadata: { ...manifest.metadata, namespace } });
    const message = await stage.kube.notReady('MessagingUser', namespace, 'desk.waiting', 'UnknownSecret');
    expect(message).toContain('Secret not-yet does not exist');
    const password = stage.secret('late password');
    await stage.kube.putSecret(namespace, 'not-yet', { password });
    await stage.kube.ready('MessagingUser', namespace, 'desk.waiting');
    await (await team.connectSoon({ username: 'waiting', password })).close();
  });

  it('is generated where none is given, and made anew when its Secret is removed', async () => {
    await declare('lazy', {});
    const first = await stage.kube.secret(namespace, 'desk.lazy-credentials');
    const { username = '', password = '' } = first;
    stage.secret('first generated', password);
    const client = await team.connectSoon({ username, password });
    await stage.kube.delete('Secret', namespace, 'desk.lazy-credentials');
    await loses(client);
    const second = await eventually(() => stage.kube.secret(namespace, 'desk.lazy-credentials'), patience);
    expect(second['password']).not.toBe(password);
    stage.secret('second generated', second['password']);
    await (await team.connectSoon({ username, password: second['password'] ?? '' })).close();
    await refuses(username, password);
  });

  it('goes with the user that it was generated for', async () => {
    await stage.kube.delete('MessagingUser', namespace, 'desk.lazy');
    await stage.kube.gone('Secret', namespace, 'desk.lazy-credentials');
  });
});

describe('an export that somebody changes by hand', () => {
  const content = async (): Promise<unknown> =>
    (await stage.kube.get('ConfigMap', namespace, configMap))?.['data'];

  it.each([
    ['is removed', () => stage.kube.delete('ConfigMap', namespace, configMap)],
    [
      'is altered',
      () =>
        stage.kube.store.patch(
          { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: configMap },
          { data: { 'ca.crt': 'x', more: 'y' } },
        ),
    ],
  ])('is put right when it %s', async (_, spoil) => {
    const before = await content();
    expect(before).toBeDefined();
    await spoil();
    await soon(content, before);
  });
});

describe('while a space cannot be provisioned', () => {
  const refused = { code: 'UNAUTHENTICATED' };

  it('users that go, old passwords and withdrawn rights are taken away all the same', async () => {
    const password = stage.secret('password of those that lose something');
    for (const name of ['leaver', 'changer', 'lesser']) await declare(name, inline(password));
    const [leaver, changer, lesser] = await Promise.all(
      ['leaver', 'changer', 'lesser'].map((username) => team.connectSoon({ username, password })),
    );
    await stage.kube.delete('AddressSpacePlan', INFRA_NAMESPACE, 'tiny');
    await stage.kube.notReady('AddressSpace', namespace, 'desk', 'UnknownPlan');
    const edit = (name: string, spec: object): Promise<unknown> =>
      stage.kube.store.patch(
        { apiVersion: 'user.enmasse.io/v1beta1', kind: 'MessagingUser', namespace, name: `desk.${name}` },
        { spec },
      );
    await stage.kube.delete('MessagingUser', namespace, 'desk.leaver');
    const next = stage.secret('password that comes later');
    await edit('changer', { authentication: { type: 'password', ...inline(next) } });
    await edit('lesser', { authorization: [{ operations: ['send'], addresses: ['orders'] }] });
    for (const client of [leaver, changer, lesser]) if (client !== undefined) await loses(client);
    for (const username of ['leaver', 'changer'])
      await expect(team.connect({ username, password })).rejects.toMatchObject(refused);
    const message = await stage.kube.notReady('MessagingUser', namespace, 'desk.changer', 'UnknownPlan');
    expect(message).toContain('tiny');
    await stage.kube.ready('MessagingUser', namespace, 'desk.lesser');
    const again = await team.connectSoon({ username: 'lesser', password });
    expect(await again.tryReceive('orders')).toBe('FORBIDDEN');
    expect(await again.trySend('orders')).toBe('allowed');
    await again.close();
    expect(all.isOpen()).toBe(true);
    await offerPlans(stage);
    await stage.kube.ready('MessagingUser', namespace, 'desk.changer');
    await (await team.connectSoon({ username: 'changer', password: next })).close();
  });
});

describe('secrets', () => {
  it('are found in no log, no history, no status and no Event', async () => {
    expect(await findLeaks(stage)).toEqual([]);
  });
});
