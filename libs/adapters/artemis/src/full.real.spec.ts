import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AmqpConnection } from '@samband/amqp';
import { eventually } from '@samband/testing';
import type { BrokerManagement } from '@samband/topology';
import { brokerFileNames } from './layout.js';
import { createBrokerManagement } from './management/broker-management.js';
import { probeBroker } from './probe.js';
import { startTestBroker, type TestBroker } from './testing/test-broker.js';

const wait = { timeoutMs: 5000 };
const refused = { code: 'AMQP_NO_CREDIT', message: expect.stringContaining('AMQ229102') };

/** What tenants, the probe and management feel of a broker whose memory for messages is used up. */
describe('a full broker that refuses', () => {
  let broker: TestBroker;
  let management: BrokerManagement;
  let alice: AmqpConnection;

  const login = async (): Promise<void> => {
    alice = await eventually(() => broker.connect({ username: 'alice', password: 'secret' }));
  };

  beforeAll(async () => {
    broker = await startTestBroker({ spec: { addressFullPolicy: 'FAIL', globalMaxBytes: 1024 * 1024 } });
    management = createBrokerManagement(broker.access());
    await management.ensureAddresses(
      ['bulk', 'orders'].map((name) => ({ address: name, routing: 'ANYCAST', queue: { name } })),
    );
    await management.setPermissions(
      ['bulk', 'orders'].map((match) => ({ match, send: ['alice'], consume: ['alice'], browse: [] })),
    );
    await broker.setUsers({ alice: 'secret' });
    await login();
    const sender = await alice.openSender('bulk', wait);
    const fill = async (): Promise<void> => {
      for (let sent = 0; sent < 2000; sent += 1)
        await sender.send({ body: 'x'.repeat(10_000), durable: true }, wait);
    };
    await expect(fill()).rejects.toMatchObject(refused);
  });
  afterAll(async () => {
    await alice.close();
    await management.close();
    await broker.stop();
  });

  const send = async (address: string): Promise<void> => {
    const sender = await alice.openSender(address, wait);
    await sender.send({ body: 'one more', durable: true }, wait);
  };

  it('refuses new senders too, on every address, and does not let them wait for ever', async () => {
    await expect(send('bulk')).rejects.toMatchObject(refused);
    await expect(send('orders')).rejects.toMatchObject(refused);
    const told = await readFile(path.join(broker.layout.instanceDir, brokerFileNames.refusals), 'utf8');
    expect(Date.parse(told)).not.toBeNaN();
  });

  it('can be managed and probed', async () => {
    const [result] = await management.ensureAddresses([
      { address: 'more', routing: 'ANYCAST', queue: { name: 'more' } },
    ]);
    expect(result).toEqual({ ok: true });
    const { usedBytes, maxBytes, largest } = await management.memoryUse();
    expect(maxBytes).toBe(1024 * 1024);
    expect(usedBytes).toBeGreaterThan(0.95 * maxBytes);
    expect(largest[0]).toMatchObject({ address: 'bulk', messages: expect.any(Number) });
    expect(largest[0]?.bytes).toBeGreaterThan(0.9 * maxBytes);
    await probeBroker({
      host: '127.0.0.1',
      amqpsPort: broker.layout.ports.amqps,
      ca: broker.authority.ca,
      password: broker.probePassword,
      timeoutMs: 10_000,
    });
  });

  it('is full as before after a kill, and takes messages as soon as there is room', async () => {
    await broker.restart('SIGKILL');
    await login();
    await expect(send('orders')).rejects.toMatchObject(refused);
    await management.close();
    management = createBrokerManagement(broker.access());
    await management.purgeAndDestroy({ queue: 'bulk', address: 'bulk' });
    await eventually(() => send('orders').then(() => true), { timeoutMs: 10_000 });
  });
});
