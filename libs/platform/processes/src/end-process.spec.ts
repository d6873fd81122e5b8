import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { endProcess, isGone } from './end-process.js';
import { identify, isRunning, type ProcessIdentity } from './process-identity.js';

/** A shell that has said that it is ready. */
async function start(script: string): Promise<ProcessIdentity> {
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const identity = identify(child.pid ?? 0);
  if (identity === undefined) throw new Error('the shell ended at once');
  return identity;
}

describe('ending a process', () => {
  it('asks it first', async () => {
    const polite = await start('echo ready; exec sleep 60');
    expect(await endProcess(polite, 60_000)).toBe('ended');
    expect(isRunning(polite)).toBe(false);
  });

  it('uses force when it does not listen', async () => {
    const stubborn = await start('trap "" TERM; echo ready; while :; do sleep 0.05; done');
    expect(await isGone(stubborn, 0)).toBe(false);
    expect(await endProcess(stubborn, 50)).toBe('killed');
    expect(isRunning(stubborn)).toBe(false);
    expect(await endProcess(stubborn, 50)).toBe('ended');
  });
});
