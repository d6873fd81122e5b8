/** The parts' processes: how they are known after a crash, and what is done with those that an earlier run left. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  endProcess,
  hasErrno,
  isRunning,
  readIfThere,
  startTimeOf,
  type ProcessIdentity,
} from '@samband/processes';

const leftoverGraceMs = 1_000;

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
    'read -r stat </proc/$$/stat; read -r boot </proc/sys/kernel/random/boot_id',
    'printf "%s\\n%s\\n%s\\n" "$$" "$stat" "$boot" >"$0"',
    'exec "$@"',
  ].join('\n');
  return { command: '/bin/sh', args: ['-c', script, file, command, ...args] };
}

/** Reads what {@link recorded} wrote. `undefined` when that process is gone. */
export async function readRecord(file: string): Promise<ProcessIdentity | undefined> {
  const [pidText = '', stat = '', boot = ''] = (await readIfThere(file))?.split('\n') ?? [];
  const pid = Number(pidText);
  const startTime = startTimeOf(stat, boot);
  if (!Number.isSafeInteger(pid) || pid <= 1 || startTime === undefined) return undefined;
  return isRunning({ pid, startTime }) ? { pid, startTime } : undefined;
}

/**
 * Ends what an earlier supervisor left running.
 *
 * @returns the names of the parts that still ran
 */
export async function endLeftovers(folder: string): Promise<string[]> {
  const names = await readNames(folder);
  const found: string[] = [];
  await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      const target = await readRecord(file);
      if (target !== undefined) {
        found.push(name);
        if ((await endProcess(target, leftoverGraceMs)) === 'stuck') {
          throw new Error(
            `${name} of an earlier run (process ${target.pid}) does not end, not even by SIGKILL`,
          );
        }
      }
      await rm(file, { force: true });
    }),
  );
  return found.sort();
}

async function readNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
