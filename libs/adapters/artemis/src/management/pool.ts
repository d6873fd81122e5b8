import { SambandError } from '@samband/errors';
import type { BrokerAccess } from '@samband/topology';
import { openChannel, type ChannelOptions, type ManagementChannel, type Resource } from './channel.js';

export interface PoolOptions extends ChannelOptions {
  /** Artemis serves one connection with one thread: bulk work wants several. */
  readonly connections: number;
  /** Operations without an answer yet, over all connections. */
  readonly window: number;
}

/** Several management connections, opened as they are needed and again after a loss. */
export interface ManagementPool {
  invoke: ManagementChannel['invoke'];
  attribute: ManagementChannel['attribute'];
  /**
   * Runs `task` for every item, at most `window` at a time. The first failure of class "broker gone" ends it all;
   * tasks are expected to turn refusals into results.
   */
  forEach<T, R>(
    items: readonly T[],
    task: (item: T, index: number) => Promise<R>,
    progress?: { readonly onProgress?: (done: number) => void; readonly signal?: AbortSignal },
  ): Promise<R[]>;
  close(): Promise<void>;
}

export function createPool(
  access: BrokerAccess,
  options: PoolOptions,
  connect: typeof openChannel = openChannel,
): ManagementPool {
  const slots: (Promise<ManagementChannel> | undefined)[] = Array.from({ length: options.connections });
  let closed = false;

  const open = (slot: number): Promise<ManagementChannel> => {
    if (closed) throw new SambandError('BROKER_UNAVAILABLE', 'this management was closed');
    const opening = connect(access, options);
    slots[slot] = opening;
    opening.catch(() => {
      if (slots[slot] === opening) slots[slot] = undefined;
    });
    return opening;
  };
  const channelAt = async (slot: number): Promise<ManagementChannel> => {
    const opening = slots[slot] ?? open(slot);
    const current = await opening;
    if (current.isOpen()) return current;
    // All lanes find the same lost one: the first replaces it, and the others take the new one.
    return slots[slot] === opening ? open(slot) : channelAt(slot);
  };
  let turn = 0;
  /** Single operations share one connection; bulk work spreads over all. */
  let spread = 0;
  const channel = (): Promise<ManagementChannel> => {
    turn = (turn + 1) % slots.length;
    return channelAt(spread > 0 ? turn : 0);
  };

  return {
    invoke: async (resource: Resource, operation, parameters, timeoutMs) =>
      (await channel()).invoke(resource, operation, parameters, timeoutMs),
    attribute: async (resource, name) => (await channel()).attribute(resource, name),
    forEach: async (items, task, { onProgress, signal } = {}) => {
      const results = new Array<Awaited<ReturnType<typeof task>>>(items.length);
      let next = 0;
      let done = 0;
      let stopped = false;
      const lane = async (): Promise<void> => {
        while (next < items.length && !stopped) {
          signal?.throwIfAborted();
          const index = next;
          next += 1;
          results[index] = await task(items[index] as (typeof items)[number], index);
          done += 1;
          if (done % 100 === 0 || done === items.length) onProgress?.(done);
        }
      };
      const isBulk = items.length > 50;
      spread += isBulk ? 1 : 0;
      const lanes = Array.from({ length: Math.min(options.window, items.length) }, async () => {
        try {
          await lane();
        } finally {
          // After a failure nothing new is begun; after the last item there is nothing to begin.
          stopped = true;
        }
      });
      await Promise.allSettled(lanes);
      spread -= isBulk ? 1 : 0;
      await Promise.all(lanes);
      return results;
    },
    close: async () => {
      closed = true;
      const channels = await Promise.allSettled(slots.filter((slot) => slot !== undefined));
      await Promise.all(
        channels.map((result) => (result.status === 'fulfilled' ? result.value.close() : Promise.resolve())),
      );
    },
  };
}
