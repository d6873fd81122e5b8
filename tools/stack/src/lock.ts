import { takeLock, type ProcessIdentity } from '@samband/processes';

/** A stack already runs on this state. */
export class StackRunningError extends Error {
  override readonly name = 'StackRunningError';

  constructor(
    readonly owner: ProcessIdentity,
    readonly since: Date,
  ) {
    super(`process ${owner.pid} runs it since ${since.toLocaleTimeString()}`);
  }
}

/**
 * Takes the lock of a state folder for this process.
 *
 * @returns the way to give it back
 * @throws StackRunningError when another stack holds it
 */
export async function takeStackLock(file: string): Promise<() => Promise<void>> {
  for (;;) {
    const lock = await takeLock(file, { waitMs: 0 });
    if (lock.held) return lock.release;
    if (lock.owner !== undefined) throw new StackRunningError(lock.owner, new Date(lock.owner.since));
  }
}
