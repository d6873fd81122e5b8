import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StackRunningError, takeLock } from './lock.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'samband-lock-'));
  file = path.join(folder, 'stack.lock');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the lock of a state folder', () => {
  it('refuses a second holder and names the first', async () => {
    const unlock = await takeLock(file);
    const refusal = await takeLock(file).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StackRunningError);
    expect((refusal as StackRunningError).owner.pid).toBe(process.pid);
    await unlock();
  });

  it('can be taken again once it was given back, and leaves nothing behind', async () => {
    await (
      await takeLock(file)
    )();
    await (
      await takeLock(file)
    )();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is taken over from a process that died', async () => {
    const child = spawn('/bin/sh', ['-c', 'exit 0']);
    await once(child, 'exit');
    writeFileSync(
      file,
      JSON.stringify({ pid: child.pid, started: '12345', since: new Date().toISOString() }),
    );
    await (
      await takeLock(file)
    )();
    expect(existsSync(file)).toBe(false);
  });

  it('is taken over when its pid belongs to another process now', async () => {
    writeFileSync(file, JSON.stringify({ pid: process.pid, started: '1', since: new Date().toISOString() }));
    await (
      await takeLock(file)
    )();
  });

  it('is taken over when a crash tore it', async () => {
    writeFileSync(file, '{"pid":');
    await (
      await takeLock(file)
    )();
  });
});
