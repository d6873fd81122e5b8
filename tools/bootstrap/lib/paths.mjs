/** Where things are: the repository, and the cache that all clones on this machine share. */
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const bootstrapDir = path.join(root, 'tools/bootstrap');

/** @param {NodeJS.ProcessEnv} [env] */
export function cacheDir(env = process.env) {
  if (env.SAMBAND_CACHE_DIR) return path.resolve(env.SAMBAND_CACHE_DIR);
  return path.join(env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'samband');
}
