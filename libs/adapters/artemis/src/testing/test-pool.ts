import { createPool, type ManagementPool } from '../management/pool.js';
import type { TestBroker } from './test-broker.js';

/** An administrator's connections, to ask and to change what `BrokerManagement` does not offer. */
export function openTestPool(broker: TestBroker): ManagementPool {
  return createPool(broker.access(), {
    connections: 4,
    window: 250,
    connectTimeoutMs: 10_000,
    operationTimeoutMs: 30_000,
  });
}
