import { describe, expect, it } from '@jest/globals';
import { app } from './app.js';

describe('an app as a process', () => {
  it('is Node with the compiled main', () => {
    expect(app('worker', { repository: '/clone', env: {} })).toEqual({
      command: process.execPath,
      args: ['--enable-source-maps', '/clone/apps/worker/dist/main.js'],
    });
  });

  it('is given the options of SAMBAND_NODE_OPTIONS', () => {
    const env = { SAMBAND_NODE_OPTIONS: ' --cpu-prof  --import /a/preload.mjs' };
    expect(app('api', { repository: '/clone', env }).args).toEqual([
      '--enable-source-maps',
      '--cpu-prof',
      '--import',
      '/a/preload.mjs',
      '/clone/apps/api/dist/main.js',
    ]);
  });
});
