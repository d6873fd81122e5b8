import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { withLock } from './folder-lock.js';

const patient = { waitMs: 5000 };
let dir = '';
let file = '';

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'samband-lock-'));
  file = path.join(dir, 'a.lock');
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('a lock', () => {
  it('lets one work at a time, in order, and goes away with the work', async () => {
    const events: string[] = [];
    const work = (name: string) => async (): Promise<void> => {
      events.push(`${name} in`);
      await new Promise((resolve) => setImmediate(resolve));
      events.push(`${name} out`);
    };
    await Promise.all(['a', 'b', 'c'].map((name) => withLock(file, patient, work(name))));
    expect(events).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
    expect(existsSync(file)).toBe(false);
  });

  it('goes away when the work fails, and the next gets it', async () => {
    await expect(withLock(file, patient, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(withLock(file, patient, () => Promise.resolve(1))).resolves.toBe(1);
  });

  it('of a process that is dead is taken over at once', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(file, `${dead} ${hostname()} x`);
    await expect(withLock(file, patient, () => Promise.resolve(1))).resolves.toBe(1);
  });

  it('of another machine is waited for, and taken over when nobody touches it', async () => {
    writeFileSync(file, `1 ${hostname()}-other x`);
    await expect(withLock(file, { waitMs: 60 }, () => Promise.resolve(1))).rejects.toMatchObject({
      code: 'GIT_UNAVAILABLE',
    });
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(file, longAgo, longAgo);
    await expect(withLock(file, patient, () => Promise.resolve(1))).resolves.toBe(1);
  });

  it('is not waited for once the caller has given up', async () => {
    writeFileSync(file, `${process.pid} ${hostname()} someone`);
    const signal = AbortSignal.abort(new Error('given up'));
    await expect(withLock(file, { ...patient, signal }, () => Promise.resolve(1))).rejects.toThrow(
      'given up',
    );
  });
});
