import { randomBytes } from 'node:crypto';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SambandError } from '@samband/errors';
import { hasErrno, readIfThere } from './atomic-file.js';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.js';

interface Owner extends ProcessIdentity {
  /** Tells two holders in one process apart. */
  readonly token: string;
}

export interface LockOptions {
  readonly signal?: AbortSignal;
  /** How long to wait for another holder; 0 tries once. Default 5 minutes. */
  readonly waitMs?: number;
}

const pollMs = 50;
const defaultWaitMs = 5 * 60 * 1000;

/**
 * Runs `work` while holding a lock that excludes every other process of this machine. The lock is a file that
 * names its owner; one whose owner has died is taken over.
 *
 * @returns what `work` returned, or `undefined` when `waitMs` is 0 and someone else holds the lock
 */
export async function tryWithLock<T>(file: string, work: () => Promise<T>): Promise<T | undefined> {
  return (await acquire(file, { waitMs: 0 })) === undefined ? undefined : await runLocked(file, work);
}

/** As `tryWithLock`, but waits. Throws BROKER_UNAVAILABLE when the lock does not come free in time. */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  if ((await acquire(file, options)) === undefined) {
    throw new SambandError(
      'BROKER_UNAVAILABLE',
      'another process has been working on this broker for too long',
    );
  }
  return await runLocked(file, work);
}

async function runLocked<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function acquire(
  file: string,
  { signal, waitMs = defaultWaitMs }: LockOptions,
): Promise<Owner | undefined> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const owner: Owner = { ...(await ownIdentity()), token: randomBytes(8).toString('hex') };
  const deadline = Date.now() + waitMs;
  for (;;) {
    signal?.throwIfAborted();
    if (await claim(file, owner)) return owner;
    await takeFromTheDead(file);
    if (await claim(file, owner)) return owner;
    if (Date.now() >= deadline) return undefined;
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}

/** A link comes into being whole, with its content, or not at all. */
async function claim(file: string, owner: Owner): Promise<boolean> {
  const temporary = `${file}.${owner.token}.tmp`;
  await writeFile(temporary, JSON.stringify(owner), { mode: 0o600 });
  try {
    await link(temporary, file);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Removes the lock of a dead owner. Two who find the same dead one must not both remove: the second would
 * remove the first one's new lock. So they queue at a lock of their own, named after the dead owner, whose
 * death is looked after in the same way.
 */
async function takeFromTheDead(file: string): Promise<void> {
  const dead = await readOwner(file);
  if (dead === undefined || isRunning(dead)) return;
  await tryWithLock(`${file}.${dead.token}.heir`, async () => {
    if ((await readOwner(file))?.token === dead.token) await rm(file, { force: true });
  });
}

async function readOwner(file: string): Promise<Owner | undefined> {
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  const { pid, startTime, token } = JSON.parse(text) as Partial<Owner>;
  if (typeof pid !== 'number' || typeof startTime !== 'string' || typeof token !== 'string') return undefined;
  return { pid, startTime, token };
}
