import type { MessageCounts } from '@samband/topology';
import { expiryAddress, probeAddress } from '../names.js';
import { unlessMissing } from './addresses.js';
import type { ManagementPool } from './pool.js';
import { listAll, text, type Row } from './views.js';

/** Queues of ours that never hold what a tenant sent and wants back. */
const ours: ReadonlySet<string> = new Set([probeAddress, expiryAddress]);

/**
 * What the broker holds of its tenants, dead letters and subscriptions that clients made included. Queues that end with
 * their clients hold nothing that outlives them. Each queue that holds something is asked how much of it is durable.
 */
export async function countMessages(pool: ManagementPool): Promise<MessageCounts> {
  const holding = (await listAll(pool, 'listQueues', 'name')).filter(isTenants);
  const counts = await pool.forEach(holding, async (row) => {
    const all = Number(row['messageCount']);
    const durable = Number(
      await unlessMissing(pool.attribute(`queue.${text(row, 'name')}`, 'DurableMessageCount')),
    );
    // Anything but a clear number counts as kept.
    const kept = Number.isNaN(durable) ? all : durable;
    return { kept, transient: Math.max(0, all - kept) };
  });
  const sum = (of: (one: (typeof counts)[number]) => number): number =>
    counts.reduce((total, one) => total + of(one), 0);
  return {
    queues: counts.filter(({ kept }) => kept > 0).length,
    messages: sum(({ kept }) => kept),
    transient: sum(({ transient }) => transient),
  };
}

/** From this many on, listing all queues of the broker is cheaper than asking for each. */
const listingPaysFrom = 500;

export async function messagesIn(pool: ManagementPool, queues: readonly string[]): Promise<number[]> {
  if (queues.length < listingPaysFrom) {
    return await pool.forEach(queues, async (queue) => {
      const count = await unlessMissing(pool.attribute(`queue.${queue}`, 'MessageCount'));
      return count === undefined ? 0 : Number(count);
    });
  }
  const rows = await listAll(pool, 'listQueues', 'name');
  const counts = new Map(rows.map((row) => [text(row, 'name'), Number(row['messageCount'])]));
  return queues.map((queue) => counts.get(queue) ?? 0);
}

function isTenants(row: Row): boolean {
  return (
    row['durable'] === 'true' &&
    row['temporary'] !== 'true' &&
    row['internalQueue'] !== 'true' &&
    row['messageCount'] !== '0' &&
    !ours.has(text(row, 'address')) &&
    !text(row, 'address').startsWith('activemq.')
  );
}
