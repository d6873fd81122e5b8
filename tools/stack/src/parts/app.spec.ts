import { describe, expect, it } from '@jest/globals';
import { app } from './app.js';

describe('an app as a process', () => {
  it('is Node with the compiled main', () => {
    expect(app('worker', { repository: '/clone', env: {} })).toEqual({
      command: process.execPath,
      args: ['--enable-source-maps', '/clone/apps/worker/dist/main.js'],
    });
  });

  it('leaves CPU profiles in a folder of its own where SAMBAND_PROFILES says', () => {
    expect(app('api', { repository: '/clone', env: { SAMBAND_PROFILES: '/tmp/p' } }).args).toEqual([
      '--enable-source-maps',
      '--cpu-prof',
      '--cpu-prof-dir=/tmp/p/api',
      '/clone/apps/api/dist/main.js',
    ]);
  });
});
