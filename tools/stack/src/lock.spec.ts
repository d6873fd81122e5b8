import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StackRunningError, takeStackLock } from './lock.js';

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
    const unlock = await takeStackLock(file);
    const refusal = await takeStackLock(file).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StackRunningError);
    expect((refusal as StackRunningError).owner.pid).toBe(process.pid);
    expect((refusal as StackRunningError).message).toMatch(/runs it since .*\d/);
    await unlock();
  });

  it('can be taken again once it was given back, and leaves nothing behind', async () => {
    const unlock = await takeStackLock(file);
    await unlock();
    const again = await takeStackLock(file);
    await again();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is taken over when a crash tore it', async () => {
    writeFileSync(file, '{"pid":');
    const unlock = await takeStackLock(file);
    await unlock();
    expect(readdirSync(folder)).toEqual([]);
  });
});
