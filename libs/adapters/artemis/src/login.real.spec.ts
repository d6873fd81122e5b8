import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAmqp, type AmqpMechanism } from '@samband/amqp';
import { eventually } from '@samband/testing';
import type { BrokerManagement } from '@samband/topology';
import { createBrokerManagement } from './management/broker-management.js';
import { probeBroker } from './probe.js';
import { saslExchange, wire } from './testing/raw-amqp.js';
import { startTestBroker, type TestBroker } from './testing/test-broker.js';

const refused = expect.objectContaining({ code: 'UNAUTHENTICATED' });

describe('logins of tenants', () => {
  let broker: TestBroker;
  let management: BrokerManagement;

  beforeAll(async () => {
    broker = await startTestBroker();
    management = createBrokerManagement(broker.access());
    await management.ensureAddresses([{ address: 'orders', routing: 'ANYCAST', queue: { name: 'orders' } }]);
    const roles = ['alice', 'bob', 'a:b@c.d-e_f'];
    await management.setPermissions([{ match: 'orders', send: roles, consume: roles, browse: [] }]);
  });
  afterAll(async () => {
    await management.close();
    await broker.stop();
  });

  const login = async (username: string, password: string, mechanism: AmqpMechanism): Promise<void> => {
    const connection = await broker.connect({ username, password, mechanism });
    await connection.openSender('orders', { timeoutMs: 5000 });
    await connection.close();
  };
  const change = async (users: Readonly<Record<string, string>>): Promise<void> => {
    await broker.setUsers(users);
    await management.forgetLogins();
  };

  it.each<AmqpMechanism>(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])(
    'accept %s on one acceptor, with right passwords only',
    async (mechanism) => {
      await change({ alice: 'sécret=: \\', 'a:b@c.d-e_f': 'other' });
      await login('alice', 'sécret=: \\', mechanism);
      await login('a:b@c.d-e_f', 'other', mechanism);
      for (const [username, password] of [
        ['alice', 'other'],
        ['alice', ''],
        ['nobody', 'other'],
        ['a', 'b@c.d-e_f=other'],
      ] as const) {
        await expect(login(username, password, mechanism)).rejects.toEqual(refused);
      }
      await change({ alice: '密码 🔑' });
      await login('alice', '密码 🔑', mechanism);
    },
  );

  it('accept SCRAM without TLS too, where the password is not sent', async () => {
    await change({ alice: 'secret' });
    const connection = await connectAmqp({
      host: '127.0.0.1',
      port: broker.layout.ports.amqp,
      username: 'alice',
      password: 'secret',
      mechanism: 'SCRAM-SHA-256',
      containerId: 'test',
      timeoutMs: 5000,
    });
    await connection.close();
  });

  it('refuse everything that brings no proof, also while a SCRAM login of that user is cached', async () => {
    await change({ bob: 'secret' });
    const cached = await broker.connect({ username: 'bob', password: 'secret', mechanism: 'SCRAM-SHA-256' });
    await cached.openSender('orders', { timeoutMs: 5000 });
    await expect(broker.connect({ mechanism: 'ANONYMOUS' })).rejects.toEqual(refused);
    await expect(broker.connect({ mechanism: 'EXTERNAL' })).rejects.toEqual(refused);
    const cluster = { username: 'ACTIVEMQ.CLUSTER.ADMIN.USER', password: 'CHANGE ME!!' };
    await expect(broker.connect(cluster)).rejects.toEqual(refused);
    const { amqp } = broker.layout.ports;
    for (const frames of [
      [wire.opening],
      [wire.saslHeader, wire.init('PLAIN', '\0bob\0'), wire.opening],
      [wire.saslHeader, wire.init('PLAIN', '\0bob\0\0x'), wire.opening],
      [wire.saslHeader, wire.init('PLAIN', 'bob'), wire.opening],
      [wire.saslHeader, wire.init('PLAIN', 'bob\0\0'), wire.opening],
      [wire.saslHeader, wire.init('ANONYMOUS', 'bob'), wire.opening],
    ]) {
      expect(await saslExchange(amqp, frames)).toBe('refused');
    }
    expect(
      await saslExchange(amqp, [wire.saslHeader, wire.init('PLAIN', '\0bob\0secret'), wire.opening]),
    ).toBe('opened');
    await cached.close();
  });

  it('give nobody our own rights, whatever a user is called', async () => {
    await change({ 'samband-admin': 'x', admin: 'x', name: 'x' });
    for (const username of ['samband-admin', 'admin', 'name']) {
      const connection = await broker.connect({ username, password: 'x' });
      for (const address of ['activemq.management', '$samband/dead-letters', 'orders', '$samband/probe']) {
        await expect(connection.openSender(address, { timeoutMs: 5000 })).rejects.toMatchObject({
          code: 'FORBIDDEN',
        });
      }
      await connection.close();
    }
  });

  it('are live within two seconds: a new user, also after a refusal, and a new password', async () => {
    await change({});
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-512'] as const) {
      await expect(login('alice', 'first', mechanism)).rejects.toEqual(refused);
      await change({ alice: 'first' });
      await login('alice', 'first', mechanism);
      await change({ alice: 'second' });
      await login('alice', 'second', mechanism);
      await expect(login('alice', 'first', mechanism)).rejects.toEqual(refused);
      await change({});
    }
  });

  it.each<AmqpMechanism>(['PLAIN', 'SCRAM-SHA-256'])(
    'are taken away with their connections (%s)',
    async (mechanism) => {
      await change({ alice: 'secret', bob: 'secret' });
      const [withSession, idle, other] = await Promise.all(
        ['alice', 'alice', 'bob'].map((username) =>
          broker.connect({ username, password: 'secret', mechanism }),
        ),
      );
      await withSession?.openReceiver('orders', { timeoutMs: 5000 });
      await other?.openReceiver('orders', { timeoutMs: 5000 });
      await change({ bob: 'secret' });
      expect(await management.closeConnections(['alice'])).toBe(1);
      await eventually(() => withSession?.isOpen() === false && idle?.isOpen() === false, {
        timeoutMs: 2000,
      });
      expect(other?.isOpen()).toBe(true);
      await expect(login('alice', 'secret', mechanism)).rejects.toEqual(refused);
      await other?.close();
    },
  );

  it('last as long as their connection, if nobody closes it', async () => {
    await change({ alice: 'secret' });
    const connection = await broker.connect({ username: 'alice', password: 'secret' });
    const sender = await connection.openSender('orders', { timeoutMs: 5000 });
    await change({});
    await sender.send({ body: 'still here' });
    await management.closeConnections(['alice']);
    await expect(sender.send({ body: 'too late' })).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await expect(login('alice', 'secret', 'PLAIN')).rejects.toEqual(refused);
  });

  it('let the probe through, and tell why when it cannot', async () => {
    const probe = {
      host: '127.0.0.1',
      amqpsPort: broker.layout.ports.amqps,
      ca: broker.authority.ca,
      password: broker.probePassword,
      timeoutMs: 10_000,
    };
    await Promise.all([probeBroker(probe), probeBroker(probe)]);
    await expect(probeBroker({ ...probe, password: 'wrong' })).rejects.toMatchObject({
      code: 'PROBE_FAILED',
      cause: refused,
    });
    await expect(probeBroker({ ...probe, servername: 'another.host' })).rejects.toMatchObject({
      code: 'PROBE_FAILED',
      cause: expect.objectContaining({ code: 'BROKER_UNAVAILABLE' }),
    });
    expect((await management.observe()).queues.map(({ name }) => name)).toEqual(['orders']);
  });
});
