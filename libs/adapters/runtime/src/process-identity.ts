import { readdir, readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';

/** Names one process for ever: pids come again, a pid with its start time and the boot does not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot from `/proc/<pid>/stat`, then the boot's id. */
  readonly startTime: string;
}

export interface RunningProcess extends ProcessIdentity {
  readonly args: readonly string[];
  readonly residentMiB: number;
}

/** `undefined` when there is no such process, or only its remains (a zombie). */
export async function readProcess(pid: number): Promise<RunningProcess | undefined> {
  try {
    const stat = parseStat(await readFile(`/proc/${pid}/stat`, 'utf8'));
    if (stat === undefined) return undefined;
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return { pid, ...stat, args: commandLine.split('\0').slice(0, -1) };
  } catch {
    return undefined;
  }
}

/** Whether this very process still runs. One small read, fit for polling. */
export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.startTime === startTime;
  } catch {
    return false;
  }
}

export async function ownIdentity(): Promise<ProcessIdentity> {
  const own = await readProcess(process.pid);
  if (own === undefined) throw new Error('/proc does not show this process: Linux is needed');
  return { pid: own.pid, startTime: own.startTime };
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
  } catch {
    return false;
  }
}

/** The name of a program may hold spaces and brackets, so fields are counted from the last one. Field numbers: proc(5). */
function parseStat(text: string): { startTime: string; residentMiB: number } | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, ticks, pages] = [fields[0], fields[19], fields[21]];
  if (ticks === undefined || state === 'Z' || state === 'X') return undefined;
  return { startTime: `${ticks}@${bootId()}`, residentMiB: Math.round((Number(pages) * 4096) / 2 ** 20) };
}

let boot: string | undefined;

function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}
