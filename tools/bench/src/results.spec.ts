import { describe, expect, it } from '@jest/globals';
import type { Benchmark } from './benchmark.js';
import { isMet, table, toResult } from './results.js';

const benchmark: Benchmark = {
  name: 'commit_1000_s',
  unit: 's',
  limit: 8,
  allows: 'up to',
  run: () => Promise.reject(new Error('not asked for')),
};

describe('a result', () => {
  it('has the limit of the list and three decimal places', () => {
    expect(toResult(benchmark, { value: 7.12345, raw: 2 / 3 })).toEqual({
      name: 'commit_1000_s',
      value: 7.123,
      unit: 's',
      limit: 8,
      slowness: 1,
      raw: 0.667,
    });
  });

  it('is judged by a limit stretched by how slow the machine was', () => {
    const relative = { ...benchmark, reference: 4 };
    expect(toResult(relative, { value: 15, raw: 8.8 })).toMatchObject({ limit: 17.6, slowness: 2.2 });
    expect(toResult(relative, { value: 1, raw: 8.8, slowness: 1.25 })).toMatchObject({ limit: 10 });
  });

  it('owes no more on a faster machine', () => {
    expect(toResult({ ...benchmark, reference: 4 }, { value: 7, raw: 2 })).toMatchObject({
      limit: 8,
      slowness: 1,
    });
  });

  it('has the limit that another figure set, where that is tighter', () => {
    expect(toResult(benchmark, { value: 1, raw: 1, limit: 1.5 }).limit).toBe(1.5);
    expect(toResult(benchmark, { value: 1, raw: 1, limit: 9 }).limit).toBe(8);
  });
});

describe('a limit', () => {
  const result = (value: number): ReturnType<typeof toResult> => toResult(benchmark, { value, raw: 0 });

  it.each([
    ['up to', 7.9, true],
    ['up to', 8, true],
    ['up to', 8.0004, true],
    ['up to', 8.001, false],
    ['below', 7.999, true],
    ['below', 8, false],
  ] as const)('%s 8 allows %d: %s', (allows, value, met) => {
    expect(isMet(result(value), allows)).toBe(met);
  });

  it('is missed by what is no number', () => {
    expect(isMet(result(Number.NaN), 'up to')).toBe(false);
  });
});

describe('the table', () => {
  it('has a line for each result, numbers to the right, and shouts what is missed', () => {
    const rows = [
      { result: toResult(benchmark, { value: 7.5, raw: 2.25 }), met: true },
      {
        result: toResult({ ...benchmark, name: 'x', limit: 100 }, { value: 151, raw: 1, slowness: 1.5 }),
        met: false,
      },
    ];
    expect(table(rows).split('\n')).toEqual([
      'name           value  unit  limit  met   raw  stretched',
      '-------------  -----  ----  -----  ---  ----  ----------',
      'commit_1000_s    7.5  s         8  yes  2.25',
      'x                151  s       150  NO      1  1.50 times',
    ]);
  });
});
