import type { BrokerAccess, BrokerManagement } from '@samband/topology';
import { ensureAddresses } from './addresses.js';
import { closeConnections, closeStrangers } from './connections.js';
import { returnDeadLetters } from './dead-letters.js';
import { countMessages, messagesIn } from './message-counts.js';
import { memoryUse } from './memory-use.js';
import { createPermissionSet, permissionValues } from './permissions.js';
import { createPool, type PoolOptions } from './pool.js';
import { enableQueues, purgeAndDestroy, removeAddresses, removeQueues } from './removal.js';
import { shutOut } from './shut-out.js';
import { createSettingsSet, settingValues } from './settings.js';
import { observe } from './views.js';

export interface ManagementOptions extends Partial<PoolOptions> {
  /** As in the broker's spec. Default: `standard`. */
  readonly authentication?: 'standard' | 'none';
}

const defaults: PoolOptions = {
  connections: 4,
  window: 250,
  connectTimeoutMs: 10_000,
  operationTimeoutMs: 60_000,
};

/**
 * Management of one broker. Connections are opened when they are needed and again after a loss; every operation has a
 * timeout. Only one process may change a broker's permissions and settings at a time (its space's one writer).
 */
export function createBrokerManagement(
  access: BrokerAccess,
  { authentication = 'standard', ...options }: ManagementOptions = {},
): BrokerManagement {
  const pool = createPool(access, { ...defaults, ...options });
  const permissions = createPermissionSet(pool);
  const settings = createSettingsSet(pool);
  return {
    observe: () => observe(pool),
    ensureAddresses: (addresses, progress) => ensureAddresses(pool, addresses, progress),
    removeQueues: (queues, progress) => removeQueues(pool, queues, progress),
    removeAddresses: (addresses, progress) => removeAddresses(pool, addresses, progress),
    enableQueues: (queues) => enableQueues(pool, queues),
    purgeAndDestroy: (queue) => purgeAndDestroy(pool, queue),
    setPermissions: async (matches, exact) =>
      permissions.apply(permissionValues(matches, authentication), exact),
    setAddressSettings: async (desired, exact) => settings.apply(settingValues(desired), exact),
    forgetLogins: async () => {
      await pool.invoke('broker', 'clearAuthenticationCache', []);
      await pool.invoke('broker', 'clearAuthorizationCache', []);
    },
    closeConnections: (usernames) => closeConnections(pool, usernames),
    closeStrangers: (admitted) => closeStrangers(pool, admitted),
    shutOut: () => shutOut(pool, access.instance.ports.admin),
    countMessages: () => countMessages(pool),
    memoryUse: () => memoryUse(pool),
    messagesIn: (queues) => messagesIn(pool, queues),
    returnDeadLetters: () => returnDeadLetters(pool),
    close: () => pool.close(),
  };
}
