import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tryWithLock, withLock } from './lock.js';
import { ownIdentity, readProcess } from './process-identity.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'samband-lock-'));
  file = path.join(folder, 'lock');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A process that is dead for certain, with the identity it had. */
async function deadOwner(): Promise<object> {
  const child = spawn('sleep', ['60']);
  const identity = await readProcess(child.pid ?? 0);
  await new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGKILL');
  });
  return { pid: identity?.pid, startTime: identity?.startTime, token: 'dead' };
}

describe('a lock', () => {
  it('lets one at a time do its work', async () => {
    let inside = 0;
    const most: number[] = [];
    const work = async (): Promise<void> => {
      most.push(++inside);
      await readFile('/proc/self/stat');
      inside--;
    };
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        await withLock(file, work);
      }),
    );
    expect(most).toEqual(Array.from({ length: 8 }, () => 1));
  });

  it('is taken from an owner that was killed, by one of many', async () => {
    await writeFile(file, JSON.stringify(await deadOwner()));
    let inside = 0;
    const work = async (): Promise<number> => {
      const now = ++inside;
      await readFile('/proc/self/stat');
      inside--;
      return now;
    };
    expect(await Promise.all(Array.from({ length: 8 }, async () => await withLock(file, work)))).toEqual(
      Array.from({ length: 8 }, () => 1),
    );
  });

  it('is taken even when the one who was taking it was killed too', async () => {
    await writeFile(file, JSON.stringify(await deadOwner()));
    await writeFile(`${file}.dead.heir`, JSON.stringify({ ...(await deadOwner()), token: 'dead2' }));
    expect(await withLock(file, async () => await Promise.resolve('mine'))).toBe('mine');
  });

  it('is not taken from a living owner, nor from one whose pid another process got', async () => {
    await writeFile(file, JSON.stringify({ ...(await ownIdentity()), token: 'alive' }));
    expect(await tryWithLock(file, async () => await Promise.resolve('mine'))).toBeUndefined();
    await expect(
      withLock(file, async () => await Promise.resolve('mine'), { waitMs: 1 }),
    ).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
    });
    await writeFile(
      file,
      JSON.stringify({ ...(await ownIdentity()), startTime: '1@other', token: 'reused' }),
    );
    expect(await tryWithLock(file, async () => await Promise.resolve('mine'))).toBe('mine');
  });

  it('is given back when the work fails', async () => {
    await expect(withLock(file, async () => await Promise.reject(new Error('broken')))).rejects.toThrow(
      'broken',
    );
    expect(await tryWithLock(file, async () => await Promise.resolve('mine'))).toBe('mine');
  });

  it('stops waiting when it is told to', async () => {
    await writeFile(file, JSON.stringify({ ...(await ownIdentity()), token: 'alive' }));
    const abort = new AbortController();
    const waiting = withLock(file, async () => await Promise.resolve('mine'), { signal: abort.signal });
    abort.abort();
    await expect(waiting).rejects.toThrow(/abort/i);
  });
});
