import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { GitCredentials } from '@samband/gitops';
import { hasErrno } from '@samband/processes';
import { gitConfig } from './environment.js';
import type { GitOptions } from './options.js';
import type { VettedUrl } from './remote-url.js';

/** Each fetch leaves a pack; with more of them reading slows down, and the cache is made anew. */
const MAX_PACKS = 40;

/** Where everything of ours lies. */
export interface CacheFolder {
  readonly dir: string;
  readonly configFile: string;
  /** Key of the names of repositories, so that they tell nothing about the credentials that are part of them. */
  readonly key: Buffer;
}

export async function openCache(options: GitOptions): Promise<CacheFolder> {
  const dir = path.resolve(options.cacheDir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const configFile = path.join(dir, 'gitconfig');
  const draft = `${configFile}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, gitConfig(options), { mode: 0o600 });
  await rename(draft, configFile);
  await dropOldSecrets(dir);
  return { dir, configFile, key: await readKey(path.join(dir, 'key')) };
}

/** Files of ssh commands that a kill left behind. Commands live for minutes at most. */
async function dropOldSecrets(dir: string): Promise<void> {
  for (const name of (await readdir(dir)).filter((entry) => entry.startsWith('ssh-'))) {
    const folder = path.join(dir, name);
    const age = await ageOf(folder);
    if (age !== undefined && age > 3_600_000) await rm(folder, { recursive: true, force: true });
  }
}

async function readKey(file: string): Promise<Buffer> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const read = async (): Promise<Buffer | undefined> => {
    try {
      const key = await readFile(file);
      return key.length === 32 ? key : undefined;
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  };
  const known = await read();
  if (known !== undefined) return known;
  await writeFile(draft, randomBytes(32), { mode: 0o600 });
  await rename(draft, file);
  return (await read()) ?? randomBytes(32);
}

/**
 * Folder of one repository as one credential sees it: whoever comes with another password finds nothing of what
 * this one fetched.
 */
export function repositoryDir(
  cache: CacheFolder,
  remote: VettedUrl,
  credentials: GitCredentials | undefined,
  format: ObjectFormat,
): string {
  const identity = JSON.stringify([remote.url, credentials ?? null, format]);
  return path.join(
    cache.dir,
    `${createHmac('sha256', cache.key).update(identity).digest('hex').slice(0, 40)}.git`,
  );
}

export type ObjectFormat = 'sha1' | 'sha256';

/** Must be called with the repository's lock held: makes it usable, whatever a kill left of it. */
export async function prepareRepository(
  dir: string,
  format: ObjectFormat,
  maxBytes: number,
): Promise<{ readonly isNew: boolean }> {
  const isWhole = (await ageOf(path.join(dir, 'samband-ready'))) !== undefined;
  const { packs, bytes } = await packsOf(dir);
  if (!isWhole || packs > MAX_PACKS || bytes > maxBytes) {
    await rm(dir, { recursive: true, force: true });
    await makeRepository(dir, format);
    return { isNew: true };
  }
  const leftovers = [
    'shallow.lock',
    'HEAD.lock',
    'config.lock',
    'packed-refs.lock',
    'refs/samband/last.lock',
  ];
  for (const name of leftovers) await rm(path.join(dir, name), { force: true });
  await dropDrafts(path.join(dir, 'objects'));
  const now = new Date();
  await utimes(path.join(dir, 'samband-ready'), now, now);
  return { isNew: false };
}

/** A bare repository, written by hand: `git init` would be one more process. */
async function makeRepository(dir: string, format: ObjectFormat): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads']) {
    await mkdir(path.join(dir, folder), { recursive: true, mode: 0o700 });
  }
  const version = format === 'sha256' ? 1 : 0;
  const extension = format === 'sha256' ? '[extensions]\n\tobjectFormat = sha256\n' : '';
  await writeFile(
    path.join(dir, 'config'),
    `[core]\n\trepositoryformatversion = ${version}\n\tbare = true\n${extension}`,
  );
  await writeFile(path.join(dir, 'HEAD'), 'ref: refs/heads/none\n');
  await writeFile(path.join(dir, 'samband-ready'), '');
}

/** Packs that a killed fetch did not finish. */
async function dropDrafts(objects: string): Promise<void> {
  for (const folder of [objects, path.join(objects, 'pack')]) {
    for (const name of await namesIn(folder)) {
      if (/^(?:tmp_|incoming-|tmp-objdir-|\.tmp-)/.test(name)) {
        await rm(path.join(folder, name), { recursive: true, force: true });
      }
    }
  }
}

/** Packs of a repository and their bytes, unfinished ones included. */
export async function packsOf(dir: string): Promise<{ readonly packs: number; readonly bytes: number }> {
  const folders = [path.join(dir, 'objects/pack')];
  for (const name of await namesIn(path.join(dir, 'objects'))) {
    if (/^(?:incoming-|tmp_objdir-)/.test(name)) folders.push(path.join(dir, 'objects', name, 'pack'));
  }
  let packs = 0;
  let bytes = 0;
  for (const folder of folders) {
    for (const name of await namesIn(folder)) {
      if (name.endsWith('.pack')) packs++;
      bytes += await sizeOf(path.join(folder, name));
    }
  }
  return { packs, bytes };
}

/** Makes the next use of a repository begin with an empty cache. */
export async function forgetRepository(dir: string): Promise<void> {
  await rm(path.join(dir, 'samband-ready'), { force: true });
}

/** Forgets the repositories that were not used for longest, beyond `keep`. */
export async function evictRepositories(cache: CacheFolder, keep: number): Promise<void> {
  const names = (await namesIn(cache.dir)).filter((name) => name.endsWith('.git'));
  if (names.length <= keep) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, age: await unusedFor(path.join(cache.dir, name)) })),
  );
  // One in use has just been marked; only such that nobody read for ten minutes go.
  const idle = aged.filter(({ age }) => age > 600_000).sort((a, b) => b.age - a.age);
  for (const { name } of idle.slice(0, names.length - keep)) {
    await rm(path.join(cache.dir, name), { recursive: true, force: true });
  }
}

/** One without its mark is just being made by somebody else, or was left half made long ago. */
async function unusedFor(dir: string): Promise<number> {
  return (await ageOf(path.join(dir, 'samband-ready'))) ?? (await ageOf(dir)) ?? 0;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

async function ageOf(file: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(file)).mtimeMs;
  } catch {
    return undefined;
  }
}
