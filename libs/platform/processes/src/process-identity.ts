import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { hasErrno } from './files.js';

/** Names one process for ever: pids come again, a pid with its start time and the boot does not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot from `/proc/<pid>/stat`, then the boot's id. */
  readonly startTime: string;
}

export interface RunningProcess extends ProcessIdentity {
  /** Empty while it dies: its memory goes before its last threads do. */
  readonly args: readonly string[];
  readonly residentMiB: number;
}

/** The process that has this pid now; `undefined` when there is none, or only its remains. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = readStat(pid)?.startTime;
  return startTime === undefined ? undefined : { pid, startTime };
}

/** As `identify`, with what it was started with and what it uses. */
export async function readProcess(pid: number): Promise<RunningProcess | undefined> {
  const stat = readStat(pid);
  if (stat === undefined) return undefined;
  try {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return { pid, ...stat, args: commandLine.split('\0').slice(0, -1) };
  } catch (error) {
    requireGone(error);
    return undefined;
  }
}

/**
 * Whether this very process still runs, any thread of it: a killed program whose first thread has ended looks
 * like a zombie, while the threads that still end hold its ports and files. A small read, fit for polling.
 */
export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  return readStat(pid)?.startTime === startTime;
}

export function ownIdentity(): ProcessIdentity {
  const own = identify(process.pid);
  if (own === undefined) throw new Error('/proc does not show this process: Linux is needed');
  return own;
}

/** All processes whose last argument is `argument`; started by whomever. */
export async function findByLastArgument(argument: string): Promise<RunningProcess[]> {
  const entries = await readdir('/proc');
  const processes = await Promise.all(
    entries.filter((name) => /^\d+$/.test(name)).map((name) => readProcess(Number(name))),
  );
  return processes.filter((each): each is RunningProcess => each?.args.at(-1) === argument);
}

/** Sends a signal to the process if it still is the one meant. @returns whether it was there */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ESRCH')) return false;
    throw error;
  }
}

/**
 * The start time of an identity, from a line of `/proc/<pid>/stat` and the id of the boot it was read in;
 * `undefined` when the line is torn.
 */
export function startTimeOf(statLine: string, boot: string): string | undefined {
  const ticks = fieldsOf(statLine)[19];
  return ticks === undefined ? undefined : `${ticks}@${boot}`;
}

/**
 * What the kernel says of a process that lives, or of which threads still do. Throws when it cannot be asked.
 *
 * @param proc the kernel's folder of processes
 */
export function readStat(
  pid: number,
  proc = '/proc',
): { readonly startTime: string; readonly residentMiB: number } | undefined {
  try {
    const line = readFileSync(`${proc}/${pid}/stat`, 'utf8');
    const fields = fieldsOf(line);
    const startTime = startTimeOf(line, bootId());
    if (startTime === undefined || fields[0] === 'X') return undefined;
    if (fields[0] === 'Z' && !hasThreads(pid, proc)) return undefined;
    return { startTime, residentMiB: Math.round((Number(fields[21]) * 4096) / 2 ** 20) };
  } catch (error) {
    requireGone(error);
    return undefined;
  }
}

/** Of a process that could not be read, as where no more files may be opened, nobody knows whether it lives. */
function requireGone(error: unknown): void {
  if (!hasErrno(error, 'ENOENT') && !hasErrno(error, 'ESRCH')) throw error;
}

/**
 * From the state on. The name of a program before it may hold spaces and brackets, so fields are counted from the
 * last one; their order: proc(5).
 */
function fieldsOf(statLine: string): string[] {
  return statLine.slice(statLine.lastIndexOf(')') + 2).split(' ');
}

/** Whether any thread is left beside the first one, which stays as a zombie until the last has ended. */
function hasThreads(pid: number, proc: string): boolean {
  return readdirSync(`${proc}/${pid}/task`).length > 1;
}

let boot: string | undefined;

function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}
