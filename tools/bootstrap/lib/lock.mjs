/** A lock between two runs: a file that names its owner. A dead owner's lock is taken over. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * When a process started, in whatever unit the system counts; `undefined` when it does not live. Together with
 * the pid it names one process for ever, because pids are used again.
 * @param {number} pid
 * @returns {string | undefined}
 */
export function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs `action` while holding the lock.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} action
 * @param {(owner: number) => void} [onWait] called once when another run holds it
 * @returns {Promise<T>}
 */
export async function withLock(file, action, onWait) {
  await mkdir(path.dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  await writeFile(mine, `${process.pid} ${startTime(process.pid) ?? ''}`);
  let told = false;
  try {
    while (!(await take(mine, file))) {
      const held = await readFile(file, 'utf8').catch(() => undefined);
      if (held === undefined) continue;
      const [pid, started] = held.split(' ');
      if (startTime(Number(pid)) !== started) {
        await breakLock(file, held);
        continue;
      }
      if (!told) onWait?.(Number(pid));
      told = true;
      await sleep(500);
    }
    try {
      return await action();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/**
 * @param {string} mine
 * @param {string} file
 */
async function take(mine, file) {
  try {
    await link(mine, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Moves a dead owner's lock away. Should another run have been quicker and hold it anew, it gets its lock back.
 * @param {string} file
 * @param {string} expected
 */
async function breakLock(file, expected) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const found = await readFile(aside, 'utf8').catch(() => '');
  if (found !== expected) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}
