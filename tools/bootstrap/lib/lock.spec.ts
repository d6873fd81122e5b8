import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTime, withLock } from './lock.mjs';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'samband-lock-'));
  file = path.join(folder, 'prepare.lock');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the lock between two preparations', () => {
  it('is held during the action and gone afterwards, also after a failure', async () => {
    expect(await withLock(file, () => Promise.resolve(existsSync(file)))).toBe(true);
    await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(file)).toBe(false);
  });

  it('is taken over from the dead', async () => {
    writeFileSync(file, `${process.pid} 1`);
    expect(await withLock(file, () => Promise.resolve('done'))).toBe('done');
  });

  it('is waited for while its owner lives, who is named once', async () => {
    const waits: number[] = [];
    writeFileSync(file, `${process.ppid} ${startTime(process.ppid)}`);
    const waiting = withLock(
      file,
      () => Promise.resolve('mine'),
      (owner: number) => {
        waits.push(owner);
        rmSync(file);
      },
    );
    expect(await waiting).toBe('mine');
    expect(waits).toEqual([process.ppid]);
  });
});
