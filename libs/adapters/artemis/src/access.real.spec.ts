import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AmqpConnection } from '@samband/amqp';
import { eventually } from '@samband/testing';
import type { BrokerManagement } from '@samband/topology';
import { brokerFileNames } from './layout.js';
import { createBrokerManagement } from './management/broker-management.js';
import { startTestBroker, type TestBroker } from './testing/test-broker.js';
import { renderTlsFiles } from './users/tls-files.js';

const forbidden = { code: 'FORBIDDEN' };
const timeoutMs = 5000;

describe('rights on a broker', () => {
  let broker: TestBroker;
  let management: BrokerManagement;
  let alice: AmqpConnection;
  let bob: AmqpConnection;

  beforeAll(async () => {
    broker = await startTestBroker();
    management = createBrokerManagement(broker.access());
    await broker.setUsers({ alice: 'secret', bob: 'secret' });
    await management.ensureAddresses([
      { address: 'orders', routing: 'ANYCAST', queue: { name: 'orders' } },
      { address: 'news', routing: 'MULTICAST' },
      { address: 'news', routing: 'MULTICAST', queue: { name: 'audit' } },
    ]);
    [alice, bob] = (await Promise.all(
      ['alice', 'bob'].map((username) => broker.connect({ username, password: 'secret' })),
    )) as [AmqpConnection, AmqpConnection];
  });
  afterAll(async () => {
    await Promise.all([alice.close(), bob.close(), management.close()]);
    await broker.stop();
  });

  const everything = { match: '#', send: ['alice'], consume: ['alice'], browse: ['alice'] };
  const send = async (address: string, body: string): Promise<void> => {
    const sender = await alice.openSender(address, { timeoutMs });
    await sender.send({ body });
    await sender.close();
  };

  it('let a reader of a topic listen, and use a declared subscription, but make no queues', async () => {
    await management.setPermissions([everything]);
    const listener = await alice.openReceiver('news', { timeoutMs });
    await send('news', 'hello');
    expect((await listener.next({ timeoutMs })).body).toBe('hello');
    const audit = await alice.openReceiver('news::audit', { timeoutMs });
    const message = await audit.next({ timeoutMs });
    message.accept();
    expect(message.body).toBe('hello');
    for (const [address, capability] of [
      ['orders::mine', undefined],
      ['news::mine', undefined],
      ['orders', 'topic'],
      ['news', 'queue'],
      ['new', 'queue'],
      ['new', 'topic'],
    ] as const) {
      const capabilities = capability === undefined ? [] : [capability];
      await expect(alice.openReceiver(address, { timeoutMs, capabilities })).rejects.toHaveProperty('code');
    }
    expect((await management.observe()).queues.map(({ name }) => name)).toEqual(['audit', 'orders']);
    await listener.close();
    await audit.close();
  });

  it('hold for the next message of an open sender, but for a reader only when it attaches', async () => {
    const both = ['alice', 'bob'];
    await management.setPermissions([everything, { match: 'orders', send: both, consume: both, browse: [] }]);
    const sender = await bob.openSender('orders', { timeoutMs });
    const receiver = await bob.openReceiver('orders', { timeoutMs, credit: 10 });
    await sender.send({ body: '1' });
    (await receiver.next({ timeoutMs })).accept();

    await management.setPermissions([everything]);
    await expect(sender.send({ body: '2' })).rejects.toMatchObject(forbidden);
    await expect(bob.openReceiver('orders', { timeoutMs })).rejects.toMatchObject(forbidden);
    // Artemis does not look again: whoever takes the right to receive away must close the connections.
    await send('orders', '3');
    (await receiver.next({ timeoutMs })).accept();
    await management.closeConnections(['bob']);
    await eventually(() => !bob.isOpen());
    bob = await broker.connect({ username: 'bob', password: 'secret' });
  });

  it('end with the connection of who is no user any more, whoever notices', async () => {
    // Whoever has begun no session has no name yet, and is closed without being counted.
    await expect(bob.openSender('orders', { timeoutMs })).rejects.toMatchObject(forbidden);
    expect(await management.closeStrangers(['alice'])).toBe(1);
    await eventually(() => !bob.isOpen());
    expect(alice.isOpen()).toBe(true);
    expect((await management.observe()).queues.length).toBeGreaterThan(0);
    bob = await broker.connect({ username: 'bob', password: 'secret' });
  });

  it('separate looking from taking', async () => {
    await management.setPermissions([
      everything,
      { match: 'orders', send: ['alice'], consume: [], browse: ['bob'] },
    ]);
    await send('orders', 'look');
    const browser = await bob.openReceiver('orders', { timeoutMs, browse: true });
    expect((await browser.next({ timeoutMs })).body).toBe('look');
    await browser.close();
    await expect(bob.openReceiver('orders', { timeoutMs })).rejects.toMatchObject(forbidden);
    await expect(alice.openReceiver('orders', { timeoutMs, browse: true })).rejects.toMatchObject(forbidden);
  });

  it('let every user ask and be answered over a temporary queue', async () => {
    await management.setPermissions([]);
    const answers = await bob.openReceiver('', { dynamic: true, timeoutMs });
    const sender = await alice.openSender(answers.address, { timeoutMs });
    await sender.send({ body: 'answer' });
    expect((await answers.next({ timeoutMs })).body).toBe('answer');
    await answers.close();
  });

  it('never reach what is ours, whatever pattern was granted', async () => {
    await management.setPermissions(
      ['#', '+/#', '+/+', '+/+/+', '+/+/+/+', '+'].map((match) => ({
        match,
        send: ['bob'],
        consume: ['bob'],
        browse: ['bob'],
      })),
    );
    const ours = [
      '$samband/probe',
      '$samband/dead-letters',
      '$samband/expired',
      'activemq.management',
      'activemq.notifications',
    ];
    for (const address of ours) {
      await expect(bob.openSender(address, { timeoutMs })).rejects.toMatchObject(forbidden);
      for (const browse of [false, true]) {
        await expect(bob.openReceiver(address, { timeoutMs, browse })).rejects.toHaveProperty('code');
      }
    }
    const relay = await bob.openSender('', { timeoutMs }).catch(() => undefined);
    await expect(
      relay?.send({ to: 'activemq.management', body: '[]' }) ?? Promise.reject(new Error('refused')),
    ).rejects.toBeDefined();
    // A grant to two words must not lock management out of its own temporary queues either.
    const fresh = createBrokerManagement(broker.access());
    expect((await fresh.observe()).queues).toHaveLength(2);
    await fresh.close();
    await expect(
      management.setPermissions([{ match: '$samband/#', send: ['bob'], consume: [], browse: [] }]),
    ).rejects.toMatchObject({ code: 'BROKER_REFUSED' });
  });

  it('take a new certificate at once and keep the connections there are', async () => {
    const subject = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const { amqps: port } = broker.layout.ports;
        const socket = tls.connect(
          { host: '127.0.0.1', port, ca: broker.authority.ca, servername: 'localhost' },
          () => {
            resolve(socket.getPeerCertificate().subject.CN);
            socket.destroy();
          },
        );
        socket.on('error', reject);
      });
    expect(await subject()).toBe('broker');
    const tenants = await broker.authority.issue('CN=renewed', { dns: ['localhost'], ip: ['127.0.0.1'] });
    const files = renderTlsFiles({ tenants, admin: tenants, adminCa: broker.authority.ca });
    await broker.write({ [brokerFileNames.tls]: files[brokerFileNames.tls] ?? '' });
    await eventually(async () => (await subject()) === 'renewed');
    expect([alice.isOpen(), bob.isOpen()]).toEqual([true, true]);
  });

  it('leave a line in the log for a refused login, but no second one through its name', async () => {
    await expect(broker.connect({ username: 'eve\nFAKE a line', password: 'x' })).rejects.toHaveProperty(
      'code',
    );
    await eventually(async () => (await broker.log()).includes('eve'));
    expect((await broker.log()).split('\n').some((line) => line.startsWith('FAKE'))).toBe(false);
  });
});

describe('a broker that knows no users', () => {
  let broker: TestBroker;
  let management: BrokerManagement;

  beforeAll(async () => {
    broker = await startTestBroker({ spec: { authentication: 'none' } });
    management = createBrokerManagement(broker.access(), { authentication: 'none' });
    await management.ensureAddresses([
      { address: 'orders', routing: 'ANYCAST', queue: { name: 'orders' } },
      { address: 'parked', routing: 'ANYCAST', queue: { name: 'parked' } },
    ]);
  });
  afterAll(async () => {
    await management.close();
    await broker.stop();
  });

  it('lets anybody do anything with its addresses, and nothing with ours', async () => {
    await management.setPermissions([{ match: 'parked', send: [], consume: [], browse: [] }]);
    for (const login of [
      { mechanism: 'ANONYMOUS' },
      { username: 'anybody', password: 'anything' },
    ] as const) {
      const connection = await broker.connect(login);
      const receiver = await connection.openReceiver('orders', { timeoutMs });
      const sender = await connection.openSender('orders', { timeoutMs });
      await sender.send({ body: 'hello' });
      const message = await receiver.next({ timeoutMs });
      message.accept();
      expect(message.body).toBe('hello');
      const answers = await connection.openReceiver('', { dynamic: true, timeoutMs });
      await answers.close();
      for (const address of ['parked', '$samband/probe', 'activemq.management']) {
        await expect(connection.openSender(address, { timeoutMs })).rejects.toMatchObject(forbidden);
      }
      await connection.close();
    }
  });
});

describe('a broker at its limits', () => {
  let broker: TestBroker;
  let management: BrokerManagement;

  beforeAll(async () => {
    broker = await startTestBroker({
      edit: (_name, text) =>
        text
          .replace('<min-disk-free>200M', '<disk-scan-period>200</disk-scan-period><min-disk-free>900000000G')
          .replaceAll(/connectionsAllowed=1024/g, 'connectionsAllowed=3'),
    });
    management = createBrokerManagement(broker.access());
    await broker.setUsers({ alice: 'secret' });
    await management.ensureAddresses([{ address: 'orders', routing: 'ANYCAST', queue: { name: 'orders' } }]);
    await management.setPermissions([{ match: '#', send: ['alice'], consume: ['alice'], browse: [] }]);
  });
  afterAll(async () => {
    await management.close();
    await broker.stop();
  });

  it('refuses messages when the disk has less left than it must, and is managed all the same', async () => {
    const alice = await broker.connect({ username: 'alice', password: 'secret' });
    await eventually(async () => (await broker.log()).includes('AMQ224128'));
    const sender = await alice.openSender('orders', { timeoutMs });
    await expect(sender.send({ body: 'x' }, { timeoutMs: 500 })).rejects.toMatchObject({
      code: 'AMQP_NO_CREDIT',
      message: expect.stringContaining('AMQ229102'),
    });
    expect(
      await management.ensureAddresses([{ address: 'more', routing: 'ANYCAST', queue: { name: 'more' } }]),
    ).toEqual([{ ok: true }]);
    await alice.close();
  });

  it('turns away more connections than it may have, and keeps the door of management open', async () => {
    const login = { username: 'alice', password: 'secret', timeoutMs: 2000 };
    const inside = [];
    for (let index = 0; index < 3; index += 1) inside.push(await eventually(() => broker.connect(login)));
    await expect(broker.connect(login)).rejects.toHaveProperty('code');
    const fresh = createBrokerManagement(broker.access());
    expect((await fresh.observe()).queues.length).toBeGreaterThan(0);
    await fresh.close();
    await Promise.all(inside.map((connection) => connection.close()));
    await eventually(async () => {
      await (await broker.connect(login)).close();
      return true;
    });
  });
});
