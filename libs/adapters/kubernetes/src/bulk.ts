import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, toSambandError } from '@samband/errors';
import type { BulkOptions } from '@samband/resources';
import type { Traffic } from './traffic.js';

export type Outcome<R> = { ok: true; value: R } | { ok: false; error: Error };

/** As many keep the API server busiest. */
const defaultConcurrency = 32;
/** As many go on while others have requests too, each of which would wait behind all of ours. */
const courteousLanes = 8;
const courtesyPollMs = 10;

/**
 * Works on many items, some at a time; results come in the order of the items, and one failure does not stop
 * the others. When the API server is away the rest fails at once instead of each trying in turn; while others have
 * requests too, only a few are in flight.
 * Rejects only with the reason of the signal, once nothing is in flight any more: whoever goes on after that, or
 * takes back what was written, must not race with what is left.
 */
export async function pipeline<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
  traffic: Traffic,
  { concurrency = defaultConcurrency, onProgress, signal }: BulkOptions = {},
): Promise<Outcome<R>[]> {
  const results = new Array<Outcome<R>>(items.length);
  // One for each request in flight; Node warns of a leak at eleven.
  if (signal !== undefined) setMaxListeners(0, signal);
  let next = 0;
  let done = 0;
  let unavailable = 0;
  let away: Error | undefined;

  const isWaiting = (): boolean => next < items.length && traffic.isShared && signal?.aborted !== true;
  const lane = async (number: number): Promise<void> => {
    for (;;) {
      while (number >= courteousLanes && isWaiting()) await sleep(courtesyPollMs);
      if (signal?.aborted === true) return;
      const index = next++;
      if (index >= items.length) return;
      const result =
        away === undefined
          ? await traffic.ofBulk(() => attempt(() => work(items[index] as T, index)))
          : { ok: false as const, error: away };
      results[index] = result;
      unavailable = !result.ok && errorCode(result.error) === 'KUBERNETES_UNAVAILABLE' ? unavailable + 1 : 0;
      if (!result.ok && unavailable >= concurrency) away = result.error;
      done += 1;
      onProgress?.(done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, (_, number) => lane(number)));
  signal?.throwIfAborted();
  return results;
}

async function attempt<R>(work: () => Promise<R>): Promise<Outcome<R>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toSambandError(error) };
  }
}
