import { describe, expect, it } from '@jest/globals';
import { readOptions } from './options.js';

const known = ['commit_1000_s', 'drift_10000_s'];

describe('options', () => {
  it('name what runs', () => {
    expect(readOptions(['drift_10000_s', '--profile'], known)).toEqual({
      names: ['drift_10000_s'],
      profile: true,
    });
  });

  it('without any run all', () => {
    expect(readOptions([], known)).toEqual({ names: [], profile: false });
  });

  it('refuse what nobody measures, by name', () => {
    expect(() => readOptions(['commit_1000_s', 'warp_speed'], known)).toThrow('no benchmark warp_speed');
  });

  it('refuse an option that there is not', () => {
    expect(() => readOptions(['--fast'], known)).toThrow("Unknown option '--fast'");
  });
});
