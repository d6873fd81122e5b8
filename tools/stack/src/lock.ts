import { link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hasErrno, readIfThere } from './files.js';
import { lives, startTime, type ProcessId } from './processes.js';

/** A stack already runs on this state. */
export class StackRunningError extends Error {
  override readonly name = 'StackRunningError';

  constructor(
    readonly owner: ProcessId,
    readonly since: Date,
  ) {
    super(`process ${owner.pid} runs it since ${since.toLocaleTimeString()}`);
  }
}

/**
 * Takes the lock of a state folder for this process; the lock of a dead process is taken over.
 *
 * @returns the way to give it back
 * @throws StackRunningError when another process holds it
 */
export async function takeLock(file: string): Promise<() => Promise<void>> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const mine = `${file}.${process.pid}`;
  const owner = { pid: process.pid, started: startTime(process.pid) ?? '', since: new Date().toISOString() };
  await writeFile(mine, JSON.stringify(owner), { mode: 0o600 });
  try {
    for (;;) {
      if (await linked(mine, file)) return () => rm(file, { force: true });
      const text = readIfThere(file);
      if (text === undefined) continue;
      const holder = parse(text);
      if (holder !== undefined && lives(holder)) throw new StackRunningError(holder, holder.since);
      await setAside(file, text);
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** `link` is the one call that makes a file with its content and fails when there is one. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Moves a dead owner's lock away; should someone have been quicker and hold it anew, they get it back. */
async function setAside(file: string, expected: string): Promise<void> {
  const aside = `${file}.stale.${process.pid}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if (readIfThere(aside) !== expected) await linked(aside, file);
  await rm(aside, { force: true });
}

function parse(text: string): (ProcessId & { since: Date }) | undefined {
  try {
    const value = JSON.parse(text) as { pid?: unknown; started?: unknown; since?: unknown };
    if (typeof value.pid !== 'number' || typeof value.started !== 'string') return undefined;
    return { pid: value.pid, started: value.started, since: new Date(String(value.since)) };
  } catch {
    return undefined; // Torn by a crash: nobody holds it.
  }
}
