import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, signalProcess, type ProcessIdentity } from './process-identity.js';

/** `ended` by itself or when asked; `killed` by force; `stuck`: it still runs (the kernel waits for a disk, say). */
export type ProcessEnd = 'ended' | 'killed' | 'stuck';

const pollMs = 20;
const killMs = 10_000;

/** Ends a process: by SIGTERM, and after `graceMs` by SIGKILL. What it held is free when it returns, unless `stuck`. */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<ProcessEnd> {
  if (!signalProcess(identity, 'SIGTERM') || (await isGone(identity, graceMs))) return 'ended';
  if (!signalProcess(identity, 'SIGKILL')) return 'ended';
  return (await isGone(identity, killMs)) ? 'killed' : 'stuck';
}

/** Waits for the end of a process. @returns whether it came in time */
export async function isGone(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isRunning(identity)) {
    if (performance.now() > deadline) return false;
    await sleep(pollMs);
  }
  return true;
}
