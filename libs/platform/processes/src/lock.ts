import { randomBytes } from 'node:crypto';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrno, readIfThere } from './files.js';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.js';

export interface LockOwner extends ProcessIdentity {
  /** Tells two holders in one process apart. */
  readonly token: string;
  /** When it was taken, ISO 8601. */
  readonly since: string;
}

export type Lock =
  | { readonly held: true; readonly release: () => Promise<void> }
  /** Someone else's; `owner` is missing when it was just given back. */
  | { readonly held: false; readonly owner: LockOwner | undefined };

export interface LockOptions {
  readonly signal?: AbortSignal;
  /** How long to wait for another holder; 0 tries once. Default 5 minutes. */
  readonly waitMs?: number;
}

const pollMs = 50;
const defaultWaitMs = 5 * 60 * 1000;

/**
 * Takes a lock that excludes every other process of this machine, and every other holder in this one. The lock is
 * a file that names its owner; one whose owner has died, or that a crash of the machine tore, is taken over.
 */
export async function takeLock(
  file: string,
  { signal, waitMs = defaultWaitMs }: LockOptions = {},
): Promise<Lock> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const mine: LockOwner = {
    ...ownIdentity(),
    token: randomBytes(8).toString('hex'),
    since: new Date().toISOString(),
  };
  const deadline = performance.now() + waitMs;
  for (;;) {
    signal?.throwIfAborted();
    if ((await claim(file, mine)) || ((await takeFromTheDead(file)) && (await claim(file, mine)))) {
      return { held: true, release: () => rm(file, { force: true }) };
    }
    if (performance.now() >= deadline) return { held: false, owner: parse(await readIfThere(file)) };
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}

/** Runs `work` while holding the lock. @returns what it returned, or `undefined` when someone else holds the lock */
export async function tryWithLock<T>(file: string, work: () => Promise<T>): Promise<T | undefined> {
  const lock = await takeLock(file, { waitMs: 0 });
  return lock.held ? await runLocked(lock.release, work) : undefined;
}

/** As `tryWithLock`, but waits. @throws what `busy` makes when the lock does not come free in time */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  { busy, ...options }: LockOptions & { readonly busy: () => Error },
): Promise<T> {
  const lock = await takeLock(file, options);
  if (!lock.held) throw busy();
  return await runLocked(lock.release, work);
}

async function runLocked<T>(release: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await release();
  }
}

/** A link comes into being whole, with its content, or not at all. */
async function claim(file: string, owner: LockOwner): Promise<boolean> {
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
 *
 * @returns whether the lock may be free now
 */
async function takeFromTheDead(file: string): Promise<boolean> {
  const text = await readIfThere(file);
  if (text === undefined) return true;
  const owner = parse(text);
  if (owner !== undefined && isRunning(owner)) return false;
  await tryWithLock(`${file}.${owner?.token ?? 'torn'}.heir`, async () => {
    if ((await readIfThere(file)) === text) await rm(file, { force: true });
  });
  return true;
}

function parse(text: string | undefined): LockOwner | undefined {
  try {
    const { pid, startTime, token, since } = JSON.parse(text ?? '') as Partial<LockOwner>;
    if (typeof pid !== 'number' || typeof startTime !== 'string') return undefined;
    if (typeof token !== 'string' || !/^\w{1,40}$/.test(token)) return undefined;
    return { pid, startTime, token, since: String(since) };
  } catch {
    return undefined;
  }
}
