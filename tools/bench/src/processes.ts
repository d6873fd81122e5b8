/** Our processes, seen from outside through /proc. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '@samband/stack';

export const ours = ['api', 'worker', 'controller'] as const;

/** Ticks of /proc/PID/stat in a second: USER_HZ, which is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;
/** Of one core, for a stack that does nothing: etcd, the API server and Temporal never rest entirely. */
const quietShare = 0.3;
const settleMs = 120_000;

/** Forgets the peaks of memory that were there before. @returns the processes by name */
export function resetPeaks(stack: Stack): Map<string, number> {
  const pids = new Map(
    stack
      .parts()
      .flatMap(({ name, pid }) => (isOurs(name) && pid !== undefined ? [[name, pid] as const] : [])),
  );
  for (const pid of pids.values()) writeFileSync(`/proc/${pid}/clear_refs`, '5');
  return pids;
}

/** Peak of resident memory of each since then, in MB (1,000,000 bytes). Throws when one of them is no more. */
export function peaks(pids: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...pids].map(([name, pid]) => [name, peakOf(pid)]));
}

/** Peak of resident memory, in MB. */
export function peakOf(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kib === undefined) throw new Error(`process ${pid} has no peak of memory`);
  return (Number(kib) * 1024) / 1e6;
}

/**
 * Until the stack has nothing left to do, so that one benchmark does not pay for another.
 * @returns whether that came to pass; what is measured on a stack that still works is only worse
 */
export async function settle(stack: Stack): Promise<boolean> {
  const deadline = performance.now() + settleMs;
  while (performance.now() < deadline) {
    const before = cpuSeconds(stack);
    await sleep(1_000);
    if (cpuSeconds(stack) - before < quietShare) return true;
  }
  return false;
}

function cpuSeconds(stack: Stack): number {
  return stack.parts().reduce((sum, { pid }) => sum + (pid === undefined ? 0 : cpuOf(pid)), 0);
}

function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name may hold anything; after it come the state and, as 12th and 13th field, the ticks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function isOurs(name: string): boolean {
  return (ours as readonly string[]).includes(name);
}
