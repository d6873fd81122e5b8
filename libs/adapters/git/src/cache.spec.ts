import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { evictRepositories, type CacheFolder } from './cache.js';
import { runGit } from './run-git.js';

let dir: string;
let cache: CacheFolder;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'samband-git-cache-'));
  cache = { dir, configFile: '', key: Buffer.alloc(32) };
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const long = new Date(Date.now() - 3_600_000);

function repository(name: string, { ready = true, age = new Date() } = {}): string {
  const folder = path.join(dir, `${name}.git`);
  mkdirSync(folder);
  const mark = path.join(folder, 'samband-ready');
  if (ready) {
    writeFileSync(mark, '');
    utimesSync(mark, age, age);
  }
  utimesSync(folder, age, age);
  return folder;
}

describe('beyond what is kept, a repository', () => {
  it('that nobody read for long is removed, whole or left half made', async () => {
    const [old, half, used] = [
      repository('old', { age: long }),
      repository('half', { ready: false, age: long }),
      repository('used'),
    ];
    await evictRepositories(cache, 1);
    expect([old, half, used].map((folder) => existsSync(folder))).toEqual([false, false, true]);
  });

  it('that somebody is making right now stays', async () => {
    const making = repository('making', { ready: false });
    repository('used');
    await evictRepositories(cache, 1);
    expect(existsSync(making)).toBe(true);
  });
});

it('a folder that is gone is not taken for a missing git', async () => {
  const command = { args: ['version'], env: {}, timeoutMs: 5_000 };
  const gone = path.join(dir, 'gone');
  await expect(runGit({ ...command, binary: process.execPath, cwd: gone })).rejects.toMatchObject({
    code: 'GIT_UNAVAILABLE',
    message: expect.stringContaining('removed'),
  });
  await expect(runGit({ ...command, binary: 'no-such-git', cwd: dir })).rejects.toMatchObject({
    code: 'GIT_UNAVAILABLE',
    message: expect.stringContaining('no-such-git'),
  });
});
