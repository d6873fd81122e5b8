/** Other processes: who they are, whether they live, how to end them. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrno, readIfThere } from './files.js';

/** A process that can be told from a later one with the same pid. */
export interface ProcessId {
  readonly pid: number;
  /** As the system counts it; see {@link startTime}. */
  readonly started: string;
}

/**
 * When a process started, in whatever unit the system counts; `undefined` when it does not live. A zombie does
 * not, unless threads of it still end: until the last of them has, they hold its ports.
 */
export function startTime(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = readStat(pid);
    // The command's name stands in parentheses and may hold anything, so count from the last one.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields === undefined || (fields[0] === 'Z' && !hasThreads(pid)) ? undefined : fields[19];
  }
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}

export function lives({ pid, started }: ProcessId): boolean {
  return startTime(pid) === started;
}

/** Sends a signal to just that process; one that is gone, or whose pid was used again, is left alone. */
export function signal(target: ProcessId, name: NodeJS.Signals): void {
  if (!lives(target)) return;
  try {
    process.kill(target.pid, name);
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error;
  }
}

/** Ends a process: politely, and after `graceMs` by force. Returns when it is gone. */
export async function end(target: ProcessId, graceMs: number): Promise<void> {
  signal(target, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (lives(target)) {
    if (Date.now() > deadline) signal(target, 'SIGKILL');
    await sleep(20);
  }
}

/**
 * The shell words by which every part is started: they write who the part is before it becomes the part, so
 * that a supervisor killed at any instant leaves nothing behind that the next one does not find.
 */
export function recorded(
  file: string,
  command: string,
  args: readonly string[],
): { command: string; args: string[] } {
  const script = [
    'started=; if [ -r /proc/$$/stat ]; then read -r started </proc/$$/stat; fi',
    'printf "%s\\n%s\\n" "$$" "$started" >"$0"',
    'exec "$@"',
  ].join('\n');
  return { command: '/bin/sh', args: ['-c', script, file, command, ...args] };
}

/** Reads what {@link recorded} wrote. `undefined` when that process is gone. */
export function readRecord(file: string): ProcessId | undefined {
  const [pidText = '', stat = ''] = readIfThere(file)?.split('\n') ?? [];
  const pid = Number(pidText);
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  const started = startTime(pid);
  if (started === undefined) return undefined;
  if (stat === '') return { pid, started };
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] === started ? { pid, started } : undefined;
}

/**
 * Ends what an earlier supervisor left running.
 *
 * @returns the names of the parts that still ran
 */
export async function endLeftovers(folder: string): Promise<string[]> {
  const names = readNames(folder);
  const found: string[] = [];
  await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      const target = readRecord(file);
      if (target !== undefined) {
        found.push(name);
        await end(target, 1_000);
      }
      await rm(file, { force: true });
    }),
  );
  return found.sort();
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Whether any thread lives beside the first one. */
function hasThreads(pid: number): boolean {
  return readNames(`/proc/${pid}/task`).length > 1;
}

function readStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
}
