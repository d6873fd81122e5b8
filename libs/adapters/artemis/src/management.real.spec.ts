import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createBrokerManagement } from './management/broker-management.js';
import { startTestBroker, type TestBroker } from './testing/test-broker.js';
import type { BrokerManagement, DesiredAddress } from '@samband/topology';
import type { AmqpConnection } from '@samband/amqp';
import { eventually } from '@samband/testing';

const queue = (name: string, maxConsumers?: number): DesiredAddress => ({
  address: name,
  routing: 'ANYCAST',
  queue: { name, ...(maxConsumers === undefined ? {} : { maxConsumers }) },
});
const topic = (address: string): DesiredAddress => ({ address, routing: 'MULTICAST' });
const subscription = (address: string, name: string): DesiredAddress => ({
  address,
  routing: 'MULTICAST',
  queue: { name },
});
const ok = { ok: true };

describe('management of a broker', () => {
  let broker: TestBroker;
  let management: BrokerManagement;
  let alice: AmqpConnection;

  const everything = { match: '#', send: ['alice'], consume: ['alice'], browse: ['alice'] };
  const send = async (address: string, ...bodies: string[]): Promise<void> => {
    const sender = await alice.openSender(address, { timeoutMs: 5000 });
    for (const body of bodies) await sender.send({ body });
    await sender.close();
  };
  const receive = async (address: string): Promise<unknown> => {
    const receiver = await alice.openReceiver(address, { timeoutMs: 5000 });
    const message = await receiver.next({ timeoutMs: 5000 });
    message.accept();
    await receiver.close();
    return message.body;
  };
  const names = async (): Promise<string[]> => (await management.observe()).queues.map(({ name }) => name);

  beforeAll(async () => {
    broker = await startTestBroker();
    await broker.setUsers({ alice: 'secret', bob: 'secret' });
  });
  afterAll(() => broker.stop());
  beforeEach(async () => {
    await (management as BrokerManagement | undefined)?.close();
    management = createBrokerManagement(broker.access());
    const { queues, addresses } = await management.observe();
    for (const { name, address } of queues) await management.purgeAndDestroy({ queue: name, address });
    await management.removeAddresses(addresses.map(({ name }) => name));
    await management.setPermissions([everything]);
    await management.setAddressSettings(new Map());
    await (alice as AmqpConnection | undefined)?.close();
    alice = await broker.connect({ username: 'alice', password: 'secret' });
  });
  afterAll(async () => {
    await alice.close();
    await management.close();
  });

  it('creates queues, topics and subscriptions, and does nothing the second time', async () => {
    const desired = [subscription('news', 'news-audit'), queue('orders', 3), topic('news'), queue('plain')];
    expect(await management.ensureAddresses(desired)).toEqual([ok, ok, ok, ok]);
    const first = await management.observe();
    expect(first.queues).toEqual([
      {
        name: 'news-audit',
        address: 'news',
        routing: 'MULTICAST',
        maxConsumers: -1,
        messageCount: 0,
        consumerCount: 0,
        isEnabled: true,
        isClients: false,
      },
      {
        name: 'orders',
        address: 'orders',
        routing: 'ANYCAST',
        maxConsumers: 3,
        messageCount: 0,
        consumerCount: 0,
        isEnabled: true,
        isClients: false,
      },
      {
        name: 'plain',
        address: 'plain',
        routing: 'ANYCAST',
        maxConsumers: -1,
        messageCount: 0,
        consumerCount: 0,
        isEnabled: true,
        isClients: false,
      },
    ]);
    expect(first.addresses).toEqual([
      { name: 'news', routings: ['MULTICAST'] },
      { name: 'orders', routings: ['ANYCAST'] },
      { name: 'plain', routings: ['ANYCAST'] },
    ]);
    expect(await management.ensureAddresses(desired)).toEqual([ok, ok, ok, ok]);
    expect(await management.observe()).toEqual(first);
  });

  it('changes what may be changed and refuses what would be another queue', async () => {
    await management.ensureAddresses([queue('orders', 3), topic('news'), subscription('news', 'audit')]);
    expect(
      await management.ensureAddresses([
        queue('orders', 5),
        topic('orders'),
        queue('news'),
        subscription('orders', 'late'),
        subscription('other', 'audit'),
      ]),
    ).toEqual([
      ok,
      ...Array.from({ length: 4 }, () => expect.objectContaining({ ok: false, code: 'BROKER_CONFLICT' })),
    ]);
    const { queues, addresses } = await management.observe();
    expect(queues.map(({ name, maxConsumers }) => [name, maxConsumers])).toEqual([
      ['audit', -1],
      ['orders', 5],
    ]);
    expect(addresses.find(({ name }) => name === 'orders')?.routings).toEqual(['ANYCAST']);
  });

  it('keeps a queue that holds messages, and takes it back with them', async () => {
    await management.ensureAddresses([
      queue('full'),
      queue('empty'),
      topic('news'),
      subscription('news', 'audit'),
    ]);
    await send('full', 'one', 'two');
    await send('news', 'three');
    const removal = await management.removeQueues([
      { queue: 'full', address: 'full' },
      { queue: 'empty', address: 'empty' },
      { queue: 'audit', address: 'news' },
      { queue: 'gone', address: 'gone' },
    ]);
    expect(removal).toEqual([
      { outcome: 'kept', messages: 2 },
      { outcome: 'destroyed' },
      { outcome: 'kept', messages: 1 },
      { outcome: 'destroyed' },
    ]);
    expect(await names()).toEqual(['audit', 'full']);

    await management.setPermissions([everything, { match: 'full', send: [], consume: [], browse: [] }]);
    await expect(receive('full')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await management.setPermissions([everything]);
    expect(await management.ensureAddresses([queue('full')])).toEqual([ok]);
    expect([await receive('full'), await receive('full')]).toEqual(['one', 'two']);
  });

  it('lets a parked subscription take nothing until it is back', async () => {
    await management.ensureAddresses([topic('news'), subscription('news', 'audit')]);
    await send('news', 'before');
    await management.removeQueues([{ queue: 'audit', address: 'news' }]);
    await send('news', 'meanwhile');
    expect((await management.observe()).queues).toMatchObject([
      { name: 'audit', messageCount: 1, isEnabled: false },
    ]);
    expect(await management.ensureAddresses([subscription('news', 'audit')])).toEqual([ok]);
    await send('news', 'after');
    expect((await management.observe()).queues).toMatchObject([
      { name: 'audit', messageCount: 2, isEnabled: true },
    ]);
  });

  it('keeps the messages a consumer has taken but not accepted, and takes them back from it', async () => {
    await management.ensureAddresses([queue('busy')]);
    await send('busy', 'one', 'two');
    const bob = await broker.connect({ username: 'bob', password: 'secret' });
    await management.setPermissions([{ ...everything, consume: ['alice', 'bob'] }]);
    const receiver = await bob.openReceiver('busy', { timeoutMs: 5000 });
    await receiver.next({ timeoutMs: 5000 });
    expect(await management.removeQueues([{ queue: 'busy', address: 'busy' }])).toEqual([
      { outcome: 'kept', messages: 2 },
    ]);
    await expect(receiver.next({ timeoutMs: 5000 })).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect(bob.isOpen()).toBe(false);
    expect([await receive('busy'), await receive('busy')]).toEqual(['one', 'two']);
  });

  it('destroys with messages only when told so, and removes topics without declared subscriptions', async () => {
    await management.ensureAddresses([
      queue('full'),
      topic('news'),
      topic('alone'),
      subscription('news', 'audit'),
    ]);
    await send('full', 'one');
    await management.purgeAndDestroy({ queue: 'full', address: 'full' });
    const listener = await alice.openReceiver('alone', { timeoutMs: 5000 });
    expect(await names()).toEqual(['audit']);
    expect(await management.removeAddresses(['alone', 'news', 'missing'])).toEqual([
      ok,
      expect.objectContaining({ ok: false, code: 'BROKER_CONFLICT' }),
      ok,
    ]);
    await expect(listener.next({ timeoutMs: 5000 })).rejects.toBeDefined();
    expect((await management.observe()).addresses).toEqual([{ name: 'news', routings: ['MULTICAST'] }]);
  });

  it('secures every name it accepts, and refuses the others one by one', async () => {
    const fair = [
      'a.b',
      'a,b',
      'a;b',
      'tøpic/ünïcode',
      'q"uote',
      "it's",
      '<x>&',
      '/lead',
      'trail/',
      '{'.replace('{', '%7B'),
      'topic:/z',
      '@=~!',
    ];
    const foul = [
      '',
      '#',
      'a/#',
      'a+b',
      'a*',
      'a::b',
      'a b',
      'a\nb',
      'x[y',
      'x(y)',
      'x\\y',
      'a|b',
      '$samband/x',
      'activemq.management',
      'x'.repeat(2000),
    ];
    const results = await management.ensureAddresses([...fair, ...foul].map((name) => queue(name)));
    expect(results.slice(0, fair.length)).toEqual(fair.map(() => ok));
    expect(results.slice(fair.length)).toEqual(
      foul.map(() => expect.objectContaining({ ok: false, code: 'BROKER_REFUSED' })),
    );
    await management.setAddressSettings(new Map(fair.map((name) => [name, { maxDeliveryAttempts: 7 }])));
    const [first = '', ...others] = fair;
    await management.setPermissions(
      fair.map((match) => ({ match, send: match === first ? [] : ['alice'], consume: [], browse: [] })),
    );
    await expect(send(first, 'x')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    for (const name of others) await send(name, 'x');
    for (const name of foul.slice(7)) {
      await expect(
        management.setPermissions([{ match: name, send: ['alice'], consume: [], browse: [] }]),
      ).rejects.toMatchObject({ code: 'BROKER_REFUSED' });
    }
  });

  it('makes permissions exactly what is wanted, also for a process that knows nothing of the past', async () => {
    await management.ensureAddresses([queue('a/1'), queue('a/2'), queue('b')]);
    const bob = await broker.connect({ username: 'bob', password: 'secret' });
    const may = async (address: string): Promise<boolean> => {
      try {
        await (await bob.openSender(address, { timeoutMs: 5000 })).close();
        return true;
      } catch {
        return false;
      }
    };
    const match = (name: string, ...sendRoles: string[]) => ({
      match: name,
      send: sendRoles,
      consume: [],
      browse: [],
    });
    const matches = [match('#', 'bob'), match('a/#', 'bob'), match('a/1')];
    expect(await management.setPermissions(matches)).toEqual({ written: 3, removed: 0 });
    expect(await management.setPermissions(matches)).toEqual({ written: 0, removed: 0 });
    expect([await may('a/1'), await may('a/2'), await may('b')]).toEqual([false, true, true]);

    const later = createBrokerManagement(broker.access());
    expect(await later.setPermissions(matches)).toEqual({ written: 0, removed: 0 });
    expect(await later.setPermissions([match('b', 'bob')])).toEqual({ written: 1, removed: 3 });
    expect([await may('a/1'), await may('a/2'), await may('b')]).toEqual([false, false, true]);
    await later.close();
    await bob.close();
  });

  it('makes settings exactly what is wanted, and they decide', async () => {
    await management.ensureAddresses([queue('short'), queue('dead')]);
    const settings = new Map([
      [
        'short',
        {
          deadLetterAddress: 'dead',
          maxDeliveryAttempts: 1,
          maxSizeBytes: 4096,
          addressFullMessagePolicy: 'FAIL' as const,
        },
      ],
    ]);
    expect(await management.setAddressSettings(settings)).toEqual({ written: 1, removed: 0 });
    expect(await management.setAddressSettings(settings)).toEqual({ written: 0, removed: 0 });
    await send('short', 'poison');
    const receiver = await alice.openReceiver('short', { timeoutMs: 5000 });
    (await receiver.next({ timeoutMs: 5000 })).release();
    expect(await receive('dead')).toBe('poison');
    await receiver.close();
    expect(await management.setAddressSettings(new Map())).toEqual({ written: 0, removed: 1 });
  });

  it('ensures a thousand addresses in one call and tells how far it is', async () => {
    const desired = Array.from({ length: 1000 }, (_, index) => queue(`bulk/${index}`));
    const seen: number[] = [];
    const results = await management.ensureAddresses(desired, { onProgress: (done) => seen.push(done) });
    expect(results.every((result) => result.ok)).toBe(true);
    expect(seen.at(-1)).toBe(1000);
    expect(await names()).toHaveLength(1000);
    expect(await management.ensureAddresses(desired)).toEqual(results);
    const removed = await management.removeQueues(
      desired.map(({ address }) => ({ queue: address, address })),
    );
    expect(removed.every(({ outcome }) => outcome === 'destroyed')).toBe(true);
    expect(await management.observe()).toEqual({ queues: [], addresses: [] });
  });

  it('stops a bulk when it is aborted', async () => {
    const desired = Array.from({ length: 1000 }, (_, index) => queue(`aborted/${index}`));
    const controller = new AbortController();
    const onProgress = (): void => {
      controller.abort();
    };
    await expect(
      management.ensureAddresses(desired, { onProgress, signal: controller.signal }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect((await names()).length).toBeLessThan(1000);
  });

  it('finds everything again after kill -9 of the broker', async () => {
    await management.ensureAddresses([queue('orders', 2), topic('news'), subscription('news', 'audit')]);
    await management.setAddressSettings(new Map([['orders', { maxDeliveryAttempts: 4 }]]));
    await management.setPermissions([
      { match: 'orders', send: ['alice'], consume: ['alice'], browse: [] },
      { match: 'closed', send: [], consume: [], browse: [] },
    ]);
    await send('orders', 'survives');
    const before = await management.observe();
    const inFlight = management.ensureAddresses(
      Array.from({ length: 500 }, (_, index) => queue(`later/${index}`)),
    );
    const lost = expect(inFlight).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await broker.restart('SIGKILL');
    await lost;

    const { queues } = await management.observe();
    expect(queues.filter(({ name }) => !name.startsWith('later/'))).toEqual(before.queues);
    alice = await broker.connect({ username: 'alice', password: 'secret' });
    expect(await receive('orders')).toBe('survives');
    await expect(send('news', 'x')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const matches = [
      { match: 'orders', send: ['alice'], consume: ['alice'], browse: [] },
      { match: 'closed', send: [], consume: [], browse: [] },
    ];
    expect(await management.setPermissions(matches)).toEqual({ written: 0, removed: 0 });
    expect(await createBrokerManagement(broker.access()).setPermissions(matches)).toEqual({
      written: 0,
      removed: 0,
    });
  });

  it('says that a broker is unavailable when nobody answers, or somebody else', async () => {
    const access = broker.access();
    const nowhere = createBrokerManagement({
      ...access,
      instance: { ...access.instance, ports: { ...access.instance.ports, admin: 1 } },
    });
    await expect(nowhere.observe()).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    const other = createBrokerManagement({ ...access, instance: { ...access.instance, id: 'ffffff0' } });
    await expect(other.observe()).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    const stranger = await broker.authority.issue('CN=somebody');
    const refused = createBrokerManagement({
      ...access,
      admin: { ...access.admin, certificate: stranger.certificate, key: stranger.key },
    });
    await expect(refused.observe()).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });

  it('counts what tenants left, by what outlives the broker, and neither the probe nor what ends with a client', async () => {
    await management.ensureAddresses([
      queue('orders'),
      queue('empty'),
      topic('news'),
      subscription('news', 'audit'),
    ]);
    expect(await management.countMessages()).toEqual({ queues: 0, messages: 0, transient: 0 });
    await send('orders', 'a', 'b', 'c');
    const sender = await alice.openSender('orders', { timeoutMs: 5000 });
    await sender.send({ body: 'd', durable: false });
    await sender.close();
    await send('news', 'e');
    expect(await management.countMessages()).toEqual({ queues: 2, messages: 4, transient: 1 });
  });

  it('lets nobody in any more once it was told to, and has back what clients held, whoever they are', async () => {
    const own = await startTestBroker();
    const mine = createBrokerManagement(own.access());
    await own.setUsers({ alice: 'secret' });
    await mine.ensureAddresses([queue('orders')]);
    await mine.setPermissions([everything]);
    const login = { username: 'alice', password: 'secret' };
    const client = await own.connect(login);
    const sender = await client.openSender('orders', { timeoutMs: 5000 });
    for (const body of ['a', 'b']) await sender.send({ body });
    const receiver = await client.openReceiver('orders', { timeoutMs: 5000 });
    await receiver.next({ timeoutMs: 5000 });
    await mine.shutOut();
    await eventually(() => !client.isOpen());
    await expect(own.connect(login)).rejects.toThrow();
    expect(await mine.countMessages()).toEqual({ queues: 1, messages: 2, transient: 0 });
    await mine.shutOut();
    await mine.close();
    await own.stop();
  });
});
