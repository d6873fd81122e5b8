import { homedir } from 'node:os';
import path from 'node:path';

/**
 * What can be made again, for all clones of this user: `SAMBAND_CACHE_DIR`, else `samband` in the user's cache folder.
 * The bootstrap has the same rule in `lib/paths.mjs`, since it runs before anything is compiled.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['SAMBAND_CACHE_DIR'] ?? '';
  if (given !== '') return path.resolve(given);
  const caches = env['XDG_CACHE_HOME'] ?? '';
  return path.join(caches === '' ? path.join(homedir(), '.cache') : caches, 'samband');
}
