import { isInternal, type MemoryUse } from '@samband/topology';
import type { ManagementPool } from './pool.js';
import { listAll, text } from './views.js';

/** Before it is used up to the last byte a message that is larger than the rest is refused. */
const nearlyFull = 0.95;
const mostListed = 5;

/** Two numbers; a walk over all addresses only where little is left. */
export async function memoryUse(pool: ManagementPool): Promise<MemoryUse> {
  const [usedBytes, maxBytes] = (
    await Promise.all([
      pool.attribute('broker', 'AddressMemoryUsage'),
      pool.attribute('broker', 'GlobalMaxSize'),
    ])
  ).map(Number) as [number, number];
  if (usedBytes < nearlyFull * maxBytes) return { usedBytes, maxBytes, largest: [] };
  const largest = (await listAll(pool, 'listAddresses', 'name'))
    .filter((row) => !isInternal(text(row, 'name')))
    .map((row) => ({
      address: text(row, 'name'),
      bytes: Number(text(row, 'addressSize')),
      messages: Number(text(row, 'messageCount')),
    }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, mostListed);
  return { usedBytes, maxBytes, largest };
}
