import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@samband/testing';
import { desiredAddress } from '@samband/topology';
import { element } from './etc/xml.js';
import { brokerFileNames } from './layout.js';
import { createBrokerManagement } from './management/broker-management.js';
import type { ManagementPool } from './management/pool.js';
import { renderEtc } from './etc/render-etc.js';
import { startTestBroker, type TestBroker } from './testing/test-broker.js';
import { openTestPool } from './testing/test-pool.js';

/** What docs/adr/0003-broker-contract.md says about writing many address settings; its figures were taken apart. */
describe('many address settings', () => {
  let broker: TestBroker;
  let pool: ManagementPool;
  const names = Array.from({ length: 60 }, (_, index) => `orders/${index}`);

  const attempts = async (name: string): Promise<unknown> => {
    const json = await pool.invoke('broker', 'getAddressSettingsAsJSON', [name]);
    return (JSON.parse(String(json)) as Record<string, unknown>)['maxDeliveryAttempts'];
  };
  const withSettings = (text: string, value: number): string =>
    text.replace(
      '</address-settings>',
      `${names
        .map(
          (name) =>
            `<address-setting match="${name}">${element('max-delivery-attempts', value)}</address-setting>`,
        )
        .join('')}</address-settings>`,
    );
  const rewrite = async (change: (text: string) => string): Promise<void> => {
    const text = renderEtc(broker.spec, broker.layout)[brokerFileNames.brokerXml] ?? '';
    await broker.write({ [brokerFileNames.brokerXml]: change(text) });
    await pool.invoke('broker', 'reloadConfigurationFile', []);
  };
  /** The broker looks at its files each second besides: such a look at the older ones may be under way. */
  const allHave = (value: number): Promise<unknown> =>
    eventually(async () => (await Promise.all(names.map(attempts))).every((one) => one === value));

  beforeAll(async () => {
    broker = await startTestBroker();
    pool = openTestPool(broker);
  });
  afterAll(async () => {
    await pool.close();
    await broker.stop();
  });

  it('can be written one by one before the queues are there, and hold for them', async () => {
    const management = createBrokerManagement(broker.access());
    await management.setAddressSettings(new Map(names.map((name) => [name, { maxDeliveryAttempts: 3 }])));
    await management.ensureAddresses(
      names.map((name) => ({ address: name, routing: 'ANYCAST', queue: { name } })),
    );
    expect(await Promise.all(names.map(attempts))).toEqual(names.map(() => 3));
    expect(await attempts('other')).toBe(-1);
    await management.setAddressSettings(new Map());
    expect(await Promise.all(names.map(attempts))).toEqual(names.map(() => -1));
    await management.close();
  });

  it('can come with the configuration file and one reload', async () => {
    await rewrite((text) => withSettings(text, 5));
    await allHave(5);
    await rewrite((text) => text);
    await allHave(-1);
  });

  it('that were written through management win over the file, also after a restart', async () => {
    const [first = '', second = ''] = names;
    await pool.invoke('broker', 'addAddressSettings', [first, JSON.stringify({ maxDeliveryAttempts: 9 })]);
    await rewrite((text) => withSettings(text, 5));
    await eventually(async () => (await attempts(second)) === 5);
    expect(await attempts(first)).toBe(9);
    await broker.restart('SIGKILL');
    expect([await attempts(first), await attempts(second)]).toEqual([9, 5]);
  });
});

describe('a least time to live without a greatest', () => {
  let broker: TestBroker;
  let pool: ManagementPool;
  beforeAll(async () => {
    broker = await startTestBroker();
    pool = openTestPool(broker);
  });
  afterAll(async () => {
    await pool.close();
    await broker.stop();
  });

  it('lets messages that name none stay, and raises those that name a shorter one', async () => {
    const management = createBrokerManagement(broker.access());
    const wanted = desiredAddress(
      { spec: { address: 'orders', type: 'queue', plan: 'small', messageTtl: { minimum: 600_000 } } },
      {
        plan: {
          name: 'small',
          type: 'queue',
          brokerMicros: 10_000,
          routerMicros: 0,
          partitions: 1,
          messageTtl: undefined,
          messageRedelivery: undefined,
        },
        globalMaxBytes: 64 * 1024 * 1024,
        defaults: {},
      },
    );
    await management.setAddressSettings(new Map([['orders', wanted?.settings ?? {}]]));
    await management.ensureAddresses([{ address: 'orders', routing: 'ANYCAST', queue: { name: 'orders' } }]);
    await management.setPermissions([{ match: 'orders', send: ['alice'], consume: [], browse: [] }]);
    await broker.setUsers({ alice: 'secret' });
    const alice = await eventually(() => broker.connect({ username: 'alice', password: 'secret' }));
    const sender = await alice.openSender('orders', { timeoutMs: 5000 });
    const before = Date.now();
    await sender.send({ body: 'stays' });
    await sender.send({ body: 'short', ttl: 1000 });
    await alice.close();
    await management.close();
    const listed = await pool.invoke('queue.orders', 'listMessagesAsJSON', ['']);
    const [stays = 0, short = 0] = (JSON.parse(String(listed)) as { expiration: number }[]).map(
      ({ expiration }) => expiration,
    );
    const year = 365 * 24 * 60 * 60 * 1_000;
    expect(stays).toBeGreaterThan(before + 99 * year);
    expect(short).toBeGreaterThanOrEqual(before + 600_000);
    expect(short).toBeLessThan(before + 900_000);
  });
});
