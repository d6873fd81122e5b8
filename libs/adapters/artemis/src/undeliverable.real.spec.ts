import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AmqpConnection } from '@samband/amqp';
import { eventually } from '@samband/testing';
import type { AddressSettings, BrokerManagement } from '@samband/topology';
import { createBrokerManagement } from './management/broker-management.js';
import type { ManagementPool } from './management/pool.js';
import { deadLetterAddress, expiryAddress } from './names.js';
import { startTestBroker, type TestBroker } from './testing/test-broker.js';
import { openTestPool } from './testing/test-pool.js';

const wait = { timeoutMs: 5000 };

describe('a message that nobody can take', () => {
  let broker: TestBroker;
  let management: BrokerManagement;
  let pool: ManagementPool;
  let alice: AmqpConnection;
  const queues = ['orders', 'limited', 'dangling', 'careful', 'undelivered'];

  beforeAll(async () => {
    broker = await startTestBroker();
    management = createBrokerManagement(broker.access());
    pool = openTestPool(broker);
    await management.setAddressSettings(
      new Map<string, AddressSettings>([
        ['limited', { maxDeliveryAttempts: 2 }],
        ['dangling', { maxDeliveryAttempts: 2, deadLetterAddress: 'nowhere' }],
        ['careful', { maxDeliveryAttempts: 3, deadLetterAddress: 'undelivered' }],
      ]),
    );
    await management.ensureAddresses(
      queues.map((name) => ({ address: name, routing: 'ANYCAST', queue: { name } })),
    );
    await management.setPermissions(
      queues.map((match) => ({ match, send: ['alice'], consume: ['alice'], browse: [] })),
    );
    await broker.setUsers({ alice: 'secret' });
    alice = await eventually(() => broker.connect({ username: 'alice', password: 'secret' }));
  });
  afterAll(async () => {
    await alice.close();
    await pool.close();
    await management.close();
    await broker.stop();
  });

  const send = async (address: string, body: string, ttl?: number): Promise<void> => {
    const sender = await alice.openSender(address, wait);
    await sender.send({ body, durable: true, ...(ttl === undefined ? {} : { ttl }) }, wait);
  };
  const take = async (address: string, answer: 'accept' | 'reject' | 'release'): Promise<unknown> => {
    const receiver = await alice.openReceiver(address, wait);
    const message = await receiver.next(wait);
    message[answer]();
    await receiver.close();
    return message.body;
  };
  const count = async (queue: string): Promise<number> =>
    Number(await pool.attribute(`queue.${queue}`, 'MessageCount'));

  it.each(['orders', 'limited', 'dangling'])(
    'stays in its queue when it is rejected or fails for ever, without a dead letter address to be had (%s)',
    async (queue) => {
      await send(queue, 'bad');
      for (let attempt = 0; attempt < 5; attempt += 1) {
        expect(await take(queue, 'reject')).toBe('bad');
        expect(await take(queue, 'release')).toBe('bad');
      }
      await broker.restart('SIGKILL');
      alice = await eventually(() => broker.connect({ username: 'alice', password: 'secret' }));
      expect(await take(queue, 'accept')).toBe('bad');
      await eventually(async () => (await count(queue)) === 0);
      expect(await count(deadLetterAddress)).toBe(0);
    },
  );

  it('comes back to its queue from where older brokers put it, as soon as that queue is there', async () => {
    await send('orders', 'unseen');
    await pool.invoke('queue.orders', 'moveMessages', ['', deadLetterAddress]);
    await management.purgeAndDestroy({ queue: 'orders', address: 'orders' });
    await management.returnDeadLetters();
    expect(await count(deadLetterAddress)).toBe(1);
    await management.ensureAddresses([{ address: 'orders', routing: 'ANYCAST', queue: { name: 'orders' } }]);
    await management.returnDeadLetters();
    expect(await count(deadLetterAddress)).toBe(0);
    expect(await take('orders', 'accept')).toBe('unseen');
  });

  it('goes to its dead letter address at once when it is rejected', async () => {
    await send('careful', 'bad');
    expect(await take('careful', 'reject')).toBe('bad');
    expect(await take('undelivered', 'accept')).toBe('bad');
  });

  it('is kept nowhere unseen when its time to live is over', async () => {
    await send('orders', 'late', 1);
    await eventually(async () => (await count('orders')) === 0, { timeoutMs: 30_000 });
    expect([await count(deadLetterAddress), await count(expiryAddress)]).toEqual([0, 0]);
  });
});
