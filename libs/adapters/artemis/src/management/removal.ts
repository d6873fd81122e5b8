import { SambandError } from '@samband/errors';
import { isInternal, type BulkProgress, type ItemResult, type RemovalResult } from '@samband/topology';
import { unlessMissing } from './addresses.js';
import type { ManagementPool } from './pool.js';
import { failed, fine, isRefusal } from './results.js';
import { text, type Row } from './views.js';

interface QueueRef {
  readonly queue: string;
  readonly address: string;
}

/**
 * Destroys queues that are empty. Artemis destroys a full queue without a word, so the count is always looked at
 * first, right before. Consumers of an empty queue lose their link with it, those of a kept one their connection: the
 * broker asks for the right to consume only when they attach.
 */
export async function removeQueues(
  pool: ManagementPool,
  queues: readonly QueueRef[],
  progress: BulkProgress = {},
): Promise<RemovalResult[]> {
  return pool.forEach(
    queues,
    async (ref): Promise<RemovalResult> => {
      try {
        refuseInternal(ref.address);
        const count = await freshCount(pool, ref.queue);
        if (count !== undefined) {
          const messages = Number(count);
          // Anything but a clear "none" is kept.
          if (messages !== 0) {
            // What is parked of a subscription must not grow with what its topic gets.
            if (ref.queue !== ref.address) {
              await pool.invoke('broker', 'updateQueue', [
                JSON.stringify({ name: ref.queue, enabled: false }),
              ]);
            }
            await disconnectConsumers(pool, ref.queue);
            return { outcome: 'kept', messages: Number.isNaN(messages) ? 1 : messages };
          }
          await destroyQueue(pool, ref.queue);
        }
        await removeOwnAddress(pool, ref);
        return { outcome: 'destroyed' };
      } catch (error) {
        const { code, message } = failed(error);
        return { outcome: 'failed', code, message };
      }
    },
    progress,
  );
}

/** Well below what an attempt may stand still before another one takes over: an older answer is not believed. */
const freshMs = 15_000;
const counts = 3;

/**
 * How many messages there are, by an answer that is not older than `freshMs`: this process may have stood still since
 * it asked, and somebody else may have opened the queue again meanwhile.
 */
async function freshCount(pool: ManagementPool, queue: string): Promise<unknown> {
  for (let tries = 0; tries < counts; tries += 1) {
    const asked = performance.now();
    const count = await unlessMissing(pool.attribute(`queue.${queue}`, 'MessageCount'));
    if (performance.now() - asked < freshMs) return count;
  }
  throw new SambandError('BROKER_UNAVAILABLE', `the broker takes too long to count the messages of ${queue}`);
}

export async function purgeAndDestroy(pool: ManagementPool, ref: QueueRef): Promise<void> {
  refuseInternal(ref.address);
  await destroyQueue(pool, ref.queue);
  await removeOwnAddress(pool, ref);
}

/** Lets queues that were parked take messages again. One that is gone meanwhile is passed over. */
export async function enableQueues(pool: ManagementPool, queues: readonly string[]): Promise<void> {
  await pool.forEach(queues, (name) =>
    unlessMissing(pool.invoke('broker', 'updateQueue', [JSON.stringify({ name, enabled: true })])),
  );
}

/** Removes topics. Subscriptions that end with their client go with it, durable ones forbid it. */
export async function removeAddresses(
  pool: ManagementPool,
  addresses: readonly string[],
  progress: BulkProgress = {},
): Promise<ItemResult[]> {
  return pool.forEach(
    addresses,
    async (address): Promise<ItemResult> => {
      try {
        refuseInternal(address);
        const queues = await unlessMissing(pool.attribute(`address.${address}`, 'QueueNames'));
        if (queues === undefined) return fine;
        for (const queue of Array.isArray(queues) ? queues.map(String) : []) {
          if ((await unlessMissing(pool.attribute(`queue.${queue}`, 'Durable'))) === false) continue;
          throw new SambandError('BROKER_CONFLICT', `${address} still has the queue ${queue}`);
        }
        await deleteAddress(pool, address, true);
        return fine;
      } catch (error) {
        return failed(error);
      }
    },
    progress,
  );
}

/** By their connections: of a consumer that is closed alone its client is not told. */
async function disconnectConsumers(pool: ManagementPool, queue: string): Promise<void> {
  if (Number(await unlessMissing(pool.attribute(`queue.${queue}`, 'ConsumerCount'))) === 0) return;
  const listed = await pool.invoke(`queue.${queue}`, 'listConsumersAsJSON', []);
  const consumers: unknown = JSON.parse(typeof listed === 'string' ? listed : '[]');
  const rows = Array.isArray(consumers) ? (consumers as Row[]) : [];
  const connections = new Set(rows.map((consumer) => text(consumer, 'connectionID')));
  for (const id of connections) await pool.invoke('broker', 'closeConnectionWithID', [id]);
}

async function destroyQueue(pool: ManagementPool, queue: string): Promise<void> {
  try {
    await pool.invoke('broker', 'destroyQueue', [queue, true, false]);
  } catch (error) {
    if (!isRefusal(error, 'queueMissing')) throw error;
  }
}

/** The address of a queue goes with it; a topic stays when one of its subscriptions goes. */
async function removeOwnAddress(pool: ManagementPool, { queue, address }: QueueRef): Promise<void> {
  if (queue === address) await deleteAddress(pool, address, false);
}

async function deleteAddress(pool: ManagementPool, address: string, force: boolean): Promise<void> {
  try {
    await pool.invoke('broker', 'deleteAddress', [address, force]);
  } catch (error) {
    if (!isRefusal(error, 'addressMissing', 'addressHasBindings')) throw error;
  }
}

function refuseInternal(name: string): void {
  if (isInternal(name)) throw new SambandError('BROKER_REFUSED', `${name} belongs to the broker`);
}
