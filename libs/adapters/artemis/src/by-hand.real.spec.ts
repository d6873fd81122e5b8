import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BrokerManagement } from '@samband/topology';
import { createBrokerManagement } from './management/broker-management.js';
import type { ManagementPool } from './management/pool.js';
import { startTestBroker, type TestBroker } from './testing/test-broker.js';
import { openTestPool } from './testing/test-pool.js';

describe('what somebody changes in the broker by hand', () => {
  let broker: TestBroker;
  /** The hand. */
  let pool: ManagementPool;
  let management: BrokerManagement;
  beforeAll(async () => {
    broker = await startTestBroker();
    pool = openTestPool(broker);
    management = createBrokerManagement(broker.access());
  });
  afterAll(async () => {
    await management.close();
    await pool.close();
    await broker.stop();
  });
  const verify = { verify: true };
  const none = { written: 0, removed: 0 };

  it('of settings is as wanted again once they are verified', async () => {
    const settings = new Map([
      ['orders', { maxDeliveryAttempts: 4, deadLetterAddress: 'dead', redeliveryMultiplier: 1.5 }],
      ['gone', { maxExpiryDelay: 1000, maxSizeBytes: 4096, addressFullMessagePolicy: 'FAIL' as const }],
      ['kept', { maxDeliveryAttempts: 4 }],
    ]);
    expect(await management.setAddressSettings(settings)).toEqual({ written: 3, removed: 0 });
    expect(await management.setAddressSettings(settings, verify)).toEqual(none);
    const changed = JSON.stringify({ maxDeliveryAttempts: 9 });
    await pool.invoke('broker', 'addAddressSettings', ['orders', changed]);
    await pool.invoke('broker', 'removeAddressSettings', ['gone']);
    expect(await management.setAddressSettings(settings)).toEqual(none);
    expect(await management.setAddressSettings(settings, verify)).toEqual({ written: 2, removed: 0 });
    const inForce = async (match: string): Promise<unknown> =>
      JSON.parse(String(await pool.invoke('broker', 'getAddressSettingsAsJSON', [match])));
    expect(await inForce('orders')).toMatchObject(settings.get('orders') ?? {});
    expect(await inForce('gone')).toMatchObject(settings.get('gone') ?? {});
  });

  it('of permissions is as wanted again once they are verified', async () => {
    const permissions = [
      { match: '#', send: ['bob', 'alice'], consume: [], browse: ['bob'] },
      { match: 'orders', send: ['bob'], consume: ['bob', 'alice'], browse: [] },
      { match: 'closed', send: [], consume: [], browse: [] },
      { match: 'kept', send: ['bob'], consume: [], browse: ['alice'] },
    ];
    expect(await management.setPermissions(permissions)).toEqual({ written: 4, removed: 0 });
    expect(await management.setPermissions(permissions, verify)).toEqual(none);
    const mallory = JSON.stringify({ send: ['bob', 'mallory'], consume: ['bob', 'alice'] });
    await pool.invoke('broker', 'addSecuritySettings', ['orders', mallory]);
    await pool.invoke('broker', 'addSecuritySettings', ['#', mallory]);
    // Falls back to `#`, so that more may be done than was granted.
    await pool.invoke('broker', 'removeSecuritySettings', ['closed']);
    expect(await management.setPermissions(permissions)).toEqual(none);
    expect(await management.setPermissions(permissions, verify)).toEqual({ written: 2, removed: 0 });
    const rolesAt = async (match: string): Promise<string> =>
      String(await pool.invoke('broker', 'getRolesAsJSON', [match]));
    expect(await rolesAt('closed')).toBe('[]');
    for (const match of ['orders', 'other']) {
      const roles = await rolesAt(match);
      expect(roles).toContain('bob');
      expect(roles).not.toContain('mallory');
    }
  });
});
