import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { SambandError } from '@samband/errors';
import { setTimeout as delay } from 'node:timers/promises';

const BEAT_MS = 5_000;
/** A holder on another machine that did not touch its lock for so long is gone. */
const STALE_MS = 30_000;
const POLL_MS = 50;

const queues = new Map<string, Promise<unknown>>();

/**
 * Runs work while no one else, in this process or another, holds the lock file. A lock whose holder died is taken
 * over: at once when it was a process of this machine, else when it stops touching the file.
 */
export async function withLock<T>(
  file: string,
  options: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const turn = (queues.get(file) ?? Promise.resolve()).then(() => lockAndRun(file, options, work));
  const settled = turn.catch(() => undefined);
  queues.set(file, settled);
  try {
    return await turn;
  } finally {
    if (queues.get(file) === settled) queues.delete(file);
  }
}

async function lockAndRun<T>(
  file: string,
  { waitMs, signal }: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const mark = `${process.pid} ${hostname()} ${randomUUID()}`;
  const deadline = performance.now() + waitMs;
  while (!(await take(file, mark))) {
    signal?.throwIfAborted();
    if (performance.now() > deadline) {
      throw new SambandError(
        'GIT_UNAVAILABLE',
        'the cache of the repository is in use by another worker: tried again later',
      );
    }
    await breakIfStale(file);
    await delay(POLL_MS);
  }
  const beat = setInterval(() => {
    const now = new Date();
    // Gone or taken over: the work goes on, git's own locks keep the repository whole.
    utimes(file, now, now).catch(() => undefined);
  }, BEAT_MS);
  try {
    signal?.throwIfAborted();
    return await work();
  } finally {
    clearInterval(beat);
    if ((await readMark(file)) === mark) await rm(file, { force: true });
  }
}

async function take(file: string, mark: string): Promise<boolean> {
  try {
    await writeFile(file, mark, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function breakIfStale(file: string): Promise<void> {
  const mark = await readMark(file);
  if (mark === undefined || !(await isStale(file, mark))) return;
  // The rename is what decides between two that see the same dead holder.
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
    await rm(aside, { force: true });
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
}

async function isStale(file: string, mark: string): Promise<boolean> {
  const [pid, host] = mark.split(' ');
  if (host === hostname() && pid !== undefined && /^\d+$/.test(pid) && !isAlive(Number(pid))) return true;
  try {
    return Date.now() - (await stat(file)).mtimeMs > STALE_MS;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

async function readMark(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}

export function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
