import { SambandError } from '@samband/errors';
import { withLock, type LockOptions } from '@samband/processes';

/** Runs `work` while nobody else works on this broker. Throws BROKER_UNAVAILABLE when its turn does not come in time. */
export async function withBrokerLock<T>(
  file: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  return await withLock(file, work, {
    ...options,
    busy: () =>
      new SambandError('BROKER_UNAVAILABLE', 'another process has been working on this broker for too long'),
  });
}
