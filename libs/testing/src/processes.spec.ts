import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { startGuard } from './guard.js';
import { createProcessGroup } from './processes.js';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a group of processes', () => {
  it('ends with stop, and says how each one ended', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'samband-group-'));
    const group = createProcessGroup(folder);
    const quick = group.start('quick', '/bin/sh', ['-c', 'echo hello; exit 3']);
    const slow = group.start('slow', '/bin/sleep', ['60']);
    expect(await quick.ended).toBe('quick ended with 3');
    expect(quick.log()).toContain('hello');
    await group.stop();
    expect(await slow.ended).toBe('slow ended with SIGKILL');
    expect(isAlive(slow.pid)).toBe(false);
    await rm(folder, { recursive: true });
  });

  it('dies with whoever started it, and leaves no folder', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'samband-group-'));
    const guard = startGuard(folder);
    const guarded = spawn('/bin/sleep', ['60']);
    const dropped = spawn('/bin/sleep', ['60']);
    guard.add(guarded.pid ?? 0);
    guard.add(dropped.pid ?? 0);
    guard.drop(dropped.pid ?? 0);
    const ended = once(guarded, 'exit');
    // The pipe ends when the process that holds it does, kill -9 included.
    await eventually(() => isAlive(guarded.pid ?? 0) && isAlive(dropped.pid ?? 0));
    guard.abandon();
    expect((await ended)[1]).toBe('SIGKILL');
    await eventually(() => !existsSync(folder));
    expect(isAlive(dropped.pid ?? 0)).toBe(true);
    dropped.kill();
  });
});
