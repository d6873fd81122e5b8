import { homedir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { cacheFolder } from '@samband/processes';
import { cacheDir } from './paths.mjs';

describe('the cache folder', () => {
  it.each([
    ['of the user when nothing is set', {}, path.join(homedir(), '.cache/samband')],
    ['below XDG_CACHE_HOME', { XDG_CACHE_HOME: '/caches' }, '/caches/samband'],
    [
      'that SAMBAND_CACHE_DIR names',
      { SAMBAND_CACHE_DIR: '/mine/../here', XDG_CACHE_HOME: '/caches' },
      '/here',
    ],
    [
      'of the user when both are set to nothing',
      { SAMBAND_CACHE_DIR: '', XDG_CACHE_HOME: '' },
      path.join(homedir(), '.cache/samband'),
    ],
  ])('is the one %s, for the bootstrap and for what it starts', (_which, env, folder) => {
    expect(cacheDir(env)).toBe(folder);
    expect(cacheFolder(env)).toBe(folder);
  });
});
