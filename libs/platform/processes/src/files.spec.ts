import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readIfThere, writeAtomically } from './files.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'samband-files-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('an atomically written file', () => {
  it('replaces the old one, for its owner only, and leaves nothing beside it', async () => {
    const file = path.join(folder, 'deep', 'secret');
    await writeAtomically(file, 'old');
    await writeAtomically(file, 'new', { modified: new Date(5_000) });
    expect(await readIfThere(file)).toBe('new');
    const { mode, mtimeMs } = await stat(file);
    expect([mode & 0o777, mtimeMs]).toEqual([0o600, 5_000]);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
    expect(await readdir(path.dirname(file))).toEqual(['secret']);
  });

  it('that cannot take its place leaves nothing behind', async () => {
    const file = path.join(folder, 'taken');
    await mkdir(path.join(file, 'by-a-folder'), { recursive: true });
    await expect(writeAtomically(file, 'text')).rejects.toMatchObject({ code: expect.any(String) });
    expect(await readdir(folder)).toEqual(['taken']);
  });
});

describe('a file that may be missing', () => {
  it('is undefined, but other failures are told', async () => {
    await writeFile(path.join(folder, 'file'), '');
    expect(await readIfThere(path.join(folder, 'none'))).toBeUndefined();
    expect(await readIfThere(path.join(folder, 'file', 'below'))).toBeUndefined();
    expect(await readIfThere(path.join(folder, 'file'))).toBe('');
    await expect(readIfThere(folder)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
