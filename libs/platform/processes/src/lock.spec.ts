import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { takeLock, tryWithLock, withLock } from './lock.js';
import { identify, ownIdentity } from './process-identity.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'samband-lock-'));
  file = path.join(folder, 'lock');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const busy = (): Error => new Error('busy');
const mine = async (): Promise<string> => await Promise.resolve('mine');

/** A process that is dead for certain, with the identity it had. */
async function deadOwner(token: string): Promise<string> {
  const child = spawn('sleep', ['60']);
  const identity = identify(child.pid ?? 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return JSON.stringify({ ...identity, token });
}

/** How many are inside at the most while eight want to do their work at once. */
async function most(): Promise<number> {
  let inside = 0;
  const work = async (): Promise<number> => {
    const now = ++inside;
    await readFile('/proc/self/stat');
    inside--;
    return now;
  };
  const seen = await Promise.all(Array.from({ length: 8 }, async () => await withLock(file, work, { busy })));
  return Math.max(...seen);
}

describe('a lock', () => {
  it('lets one at a time do its work, and leaves nothing behind', async () => {
    expect(await most()).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken from an owner that was killed, by one of many', async () => {
    await writeFile(file, await deadOwner('dead'));
    expect(await most()).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken when a crash of the machine tore it, by one of many', async () => {
    await writeFile(file, '{"pid":');
    expect(await most()).toBe(1);
  });

  it('is taken even when the one who was taking it was killed too', async () => {
    await writeFile(file, await deadOwner('dead'));
    await writeFile(`${file}.dead.heir`, await deadOwner('dead2'));
    expect(await withLock(file, mine, { busy })).toBe('mine');
  });

  it('is not taken from a living owner, who is named', async () => {
    const lock = await takeLock(file);
    const refused = await takeLock(file, { waitMs: 0 });
    expect(refused).toMatchObject({ held: false, owner: ownIdentity() });
    expect(!refused.held && Date.parse(refused.owner?.since ?? '')).toBeLessThanOrEqual(Date.now());
    expect(await tryWithLock(file, mine)).toBeUndefined();
    await expect(withLock(file, mine, { waitMs: 1, busy })).rejects.toThrow('busy');
    if (lock.held) await lock.release();
    expect(await tryWithLock(file, mine)).toBe('mine');
  });

  it('is taken from an owner whose pid another process got', async () => {
    await writeFile(file, JSON.stringify({ ...ownIdentity(), startTime: '1@other', token: 'reused' }));
    expect(await tryWithLock(file, mine)).toBe('mine');
  });

  it('is given back when the work fails', async () => {
    await expect(
      withLock(file, async () => await Promise.reject(new Error('broken')), { busy }),
    ).rejects.toThrow('broken');
    expect(await tryWithLock(file, mine)).toBe('mine');
  });

  it('stops waiting when it is told to', async () => {
    await takeLock(file);
    const abort = new AbortController();
    const waiting = withLock(file, mine, { signal: abort.signal, busy });
    abort.abort();
    await expect(waiting).rejects.toThrow(/abort/i);
  });
});
