import { describe, expect, it } from '@jest/globals';
import { choose } from './choose.js';
import { createRandom } from './random.js';
import { readOptions } from './options.js';
import type { Scenario } from './scenario.js';

const scenario = (name: string, short: boolean): Scenario => ({
  group: 'kill',
  name,
  short,
  run: () => Promise.resolve(''),
});
const all = [scenario('of the worker', true), scenario('of etcd', false), scenario('of the api', true)];
const chosen = (...args: string[]): string[] =>
  choose(all, readOptions(args), createRandom(1)).map(({ name }) => name);

describe('what is run', () => {
  it('is the short form unless everything is asked for', () => {
    expect(chosen().sort()).toEqual(['of the api', 'of the worker']);
    expect(chosen('--full').sort()).toEqual(['of etcd', 'of the api', 'of the worker']);
  });

  it('is what was named, short or not', () => {
    expect(chosen('--only', 'etcd')).toEqual(['of etcd']);
    expect(chosen('--full', '--only', 'api')).toEqual(['of the api']);
  });

  it.each([
    [['--seed', 'x'], '--seed must be a positive number, not "x"'],
    [['--minutes', '0'], '--minutes must be a positive number, not "0"'],
    [['--fast'], "Unknown option '--fast'"],
  ])('is not guessed from %j', (args, complaint) => {
    expect(() => readOptions(args)).toThrow(complaint);
  });
});
