import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { foldPermissions } from '@samband/access';
import type { AmqpConnection } from '@samband/amqp';
import { queuesIn } from '@samband/plans';
import { connectSubscriber, eventually, type Subscriber } from '@samband/testing';
import type { BrokerManagement, ObservedQueue } from '@samband/topology';
import { createBrokerManagement } from './management/broker-management.js';
import { startTestBroker, type TestBroker } from './testing/test-broker.js';

const timeoutMs = 5000;
const endpointOf = ({ layout }: TestBroker): { host: string; port: number } => ({
  host: layout.host,
  port: layout.ports.amqp,
});
const unauthorized = /not authorized|does not have permission/;

describe('durable subscriptions that clients make by attaching', () => {
  let broker: TestBroker;
  let management: BrokerManagement;
  const open: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    broker = await startTestBroker();
    management = createBrokerManagement(broker.access());
    await broker.setUsers({ alice: 'secret', bob: 'secret', carol: 'secret' });
    await management.ensureAddresses([
      { address: 'orders', routing: 'ANYCAST', queue: { name: 'orders' } },
      { address: 'field.orders', routing: 'ANYCAST', queue: { name: 'field.orders' } },
      { address: 'news', routing: 'MULTICAST' },
      { address: 'prices', routing: 'MULTICAST' },
      { address: 'prices', routing: 'MULTICAST', queue: { name: 'field.audit' } },
    ]);
    await grant(false);
  });
  afterAll(async () => {
    await Promise.allSettled([...open.map((one) => one.close()), management.close()]);
    await broker.stop();
  });

  /** Alice may use everything, bob receive from prices, carol send to it. */
  const grant = (isFull: boolean): Promise<unknown> =>
    management.setPermissions(
      foldPermissions(
        [
          { role: 'alice', operations: ['send', 'recv'], addresses: ['*'] },
          { role: 'bob', operations: ['recv'], addresses: ['prices'] },
          { role: 'carol', operations: ['send'], addresses: ['prices'] },
        ],
        ['orders', 'field.orders', 'news', 'prices', 'prices::field.audit'],
        new Set(),
        { names: new Set(['news', 'prices']), isFull },
      ),
    );
  const subscriber = async (username = 'alice', containerId = 'field'): Promise<Subscriber> => {
    const made = await connectSubscriber(endpointOf(broker), { containerId, username, password: 'secret' });
    open.push(made);
    return made;
  };
  const send = async (address: string, ...bodies: string[]): Promise<void> => {
    const connection: AmqpConnection = await broker.connect({ username: 'alice', password: 'secret' });
    const sender = await connection.openSender(address, { timeoutMs });
    for (const body of bodies) await sender.send({ body, durable: true });
    await connection.close();
  };
  const queue = async (name: string): Promise<ObservedQueue | undefined> =>
    (await management.observe()).queues.find((one) => one.name === name);

  it('keep messages while their client is away, also over a kill of the broker, until it ends them', async () => {
    await (await (await subscriber()).subscribe('prices', 'till')).detach();
    await send('prices', '1', '2');
    await broker.restart('SIGKILL');
    await management.close();
    management = createBrokerManagement(broker.access());
    await send('prices', '3');
    expect(await queue('field.till')).toMatchObject({ isClients: true, messageCount: 3, isEnabled: true });
    const back = await (await subscriber()).subscribe('prices', 'till');
    expect([await back.next(), await back.next(), await back.next()]).toEqual(['1', '2', '3']);
    await back.close();
    await eventually(async () => (await queue('field.till')) === undefined);
  });

  it('can be ended by their name alone', async () => {
    const client = await subscriber();
    await (await client.subscribe('prices', 'till')).detach();
    await client.unsubscribe('till');
    await eventually(async () => (await queue('field.till')) === undefined);
  });

  it.each([
    ['shared by the links of one client', ['shared'], 'field', 'field.pool'],
    ['shared by all clients', ['shared', 'global'], 'other', 'pool:global'],
  ] as const)('are %s', async (_how, capabilities, containerId, name) => {
    const one = await (await subscriber()).subscribe('prices', 'pool', { capabilities });
    // A second link of one name, as JMS clients make it.
    const two = await (
      await subscriber('bob', containerId)
    ).subscribe('prices', containerId === 'field' ? 'pool|2' : 'pool', { capabilities });
    const got = Promise.all([one.next(), two.next()]);
    await send('prices', 'a', 'b');
    expect((await got).sort()).toEqual(['a', 'b']);
    expect(await queue(name)).toMatchObject({ isClients: true });
    await two.close();
    await one.close();
    await eventually(async () => (await queue(name)) === undefined);
  });

  it('are for whoever may receive from the topic', async () => {
    const bob = await subscriber('bob', 'bob');
    await (await bob.subscribe('prices', 'mine')).close();
    await expect(bob.subscribe('news', 'mine')).rejects.toThrow(unauthorized);
    const carol = await subscriber('carol', 'carol');
    await expect(carol.subscribe('prices', 'mine')).rejects.toThrow(unauthorized);
  });

  it('make nothing on a queue, and nothing where nothing is declared', async () => {
    const client = await subscriber();
    await expect(client.subscribe('orders', 'mine', { capabilities: ['topic'] })).rejects.toThrow(
      'not configured for topic support',
    );
    await expect(client.subscribe('nothing', 'mine')).rejects.toThrow(/does not exist/);
    await (await client.subscribe('orders', 'mine')).close();
    expect((await management.observe()).queues.map(({ name }) => name).sort()).toEqual([
      'field.audit',
      'field.orders',
      'orders',
    ]);
  });

  it.each(['prices/#', 'prices/+', '#', '+'])('are of one topic each: %s is no address', async (wildcard) => {
    const client = await subscriber();
    for (const durable of [true, false])
      await expect(client.subscribe(wildcard, 'mine', { durable })).rejects.toThrow(/does not exist/);
  });

  it('never take a declared queue away, whatever name their client chose', async () => {
    await send('field.orders', 'kept');
    const client = await subscriber();
    await expect(client.subscribe('news', 'orders')).rejects.toThrow('Incorrect Routing Type');
    // It lies there already: the link reads from it, and takes nothing away when it ends.
    const audit = await client.subscribe('prices', 'audit');
    await audit.close().catch(() => undefined);
    // Artemis would make the queue anew: it is of that name, and has another filter or lies elsewhere.
    await expect(client.subscribe('prices', 'audit', { selector: "a = 'b'" })).rejects.toThrow(unauthorized);
    await expect(client.subscribe('news', 'audit')).rejects.toThrow(unauthorized);
    expect(await queue('field.orders')).toMatchObject({ isClients: false, messageCount: 1 });
    expect(await queue('field.audit')).toMatchObject({ isClients: false, address: 'prices' });
  });

  it('are seen and can be removed whatever they are called', async () => {
    const odd = await subscriber('alice', '$samband');
    await (await odd.subscribe('prices', 'x')).detach();
    expect(await queue('$samband.x')).toMatchObject({ isClients: true });
    expect(await management.removeQueues([{ queue: '$samband.x', address: 'prices' }])).toEqual([
      { outcome: 'destroyed' },
    ]);
  });

  it('cannot be made where there is no room for more; those that there are go on and can be ended', async () => {
    const client = await subscriber();
    await (await client.subscribe('prices', 'till')).detach();
    await grant(true);
    await expect(client.subscribe('prices', 'more')).rejects.toThrow(unauthorized);
    await send('prices', '1');
    const back = await client.subscribe('prices', 'till');
    expect(await back.next()).toBe('1');
    await back.close();
    await eventually(async () => (await queue('field.till')) === undefined);
    await grant(false);
  });

  it('take nothing while they are parked, and go on when they are enabled', async () => {
    await (await (await subscriber()).subscribe('prices', 'till')).detach();
    await send('prices', 'before');
    expect(await management.removeQueues([{ queue: 'field.till', address: 'prices' }])).toEqual([
      { outcome: 'kept', messages: 1 },
    ]);
    await send('prices', 'meanwhile');
    await management.enableQueues(['field.till', 'gone']);
    await send('prices', 'after');
    const back = await (await subscriber()).subscribe('prices', 'till');
    expect([await back.next(), await back.next()]).toEqual(['before', 'after']);
    await back.close();
  });
});

describe('durable subscriptions on a broker without users', () => {
  it('are told from declared ones too', async () => {
    const broker = await startTestBroker({ spec: { authentication: 'none' } });
    const management = createBrokerManagement(broker.access(), { authentication: 'none' });
    try {
      await management.ensureAddresses([
        { address: 'prices', routing: 'MULTICAST' },
        { address: 'prices', routing: 'MULTICAST', queue: { name: 'audit' } },
      ]);
      const all = ['$samband-anybody'];
      const right = { send: all, consume: all, browse: all };
      await management.setPermissions([{ match: 'prices', ...right, subscribe: all, unsubscribe: all }]);
      for (const login of [{ username: 'whoever', password: 'x' }, { username: 'nobody' }]) {
        const client = await connectSubscriber(endpointOf(broker), { containerId: 'field', ...login });
        await (await client.subscribe('prices', 'till')).detach();
        const { queues } = await management.observe();
        expect(new Map(queues.map(({ name, isClients }) => [name, isClients]))).toEqual(
          new Map([
            ['audit', false],
            ['field.till', true],
          ]),
        );
        await client.unsubscribe('till');
        await client.close();
        await eventually(async () => (await management.observe()).queues.length === 1);
      }
    } finally {
      await management.close();
      await broker.stop();
    }
  });
});

describe('durable subscriptions on a broker with little memory', () => {
  it('are no more than fit, from one moment to the next; each that is ended makes room for another', async () => {
    const [base, perQueue] = [64 * 1024 * 1024, 20 * 1024];
    const spec = { heapMiB: 128, globalMaxBytes: base - 4 * perQueue } as const;
    expect(queuesIn(spec)).toBe(4);
    const broker = await startTestBroker({ spec });
    const management = createBrokerManagement(broker.access());
    try {
      await broker.setUsers({ alice: 'secret' });
      const topic = { address: 'prices', routing: 'MULTICAST' } as const;
      await management.ensureAddresses([topic, { ...topic, queue: { name: 'audit' } }]);
      const right = { send: ['alice'], consume: ['alice'], browse: ['alice'] };
      await management.setPermissions([
        { match: 'prices', ...right, subscribe: ['alice'], unsubscribe: ['alice'] },
      ]);
      const client = await connectSubscriber(endpointOf(broker), {
        containerId: 'field',
        username: 'alice',
        password: 'secret',
      });
      const made: string[] = [];
      const fill = async (): Promise<void> => {
        for (;;) {
          const name = `till-${made.length}`;
          await (await client.subscribe('prices', name)).detach();
          made.push(name);
        }
      };
      const full = /resource-limit-exceeded: .*room for 4 durable queues/;
      await expect(fill()).rejects.toThrow(full);
      expect(made).toHaveLength(3);
      const shared = { capabilities: ['shared', 'global'] } as const;
      await expect(client.subscribe('prices', 'pool', shared)).rejects.toThrow(full);
      // What is declared was counted when it was planned.
      await management.ensureAddresses([{ ...topic, queue: { name: 'declared-later' } }]);
      await management.removeQueues([{ queue: 'declared-later', address: 'prices' }]);
      await client.unsubscribe('till-0');
      await (await client.subscribe('prices', 'pool', shared)).close();
      await client.close();
    } finally {
      await management.close();
      await broker.stop();
    }
  });
});
