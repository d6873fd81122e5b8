import { describe, expect, it } from '@jest/globals';
import { median, percentile } from './statistics.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => count - index);

describe('percentile', () => {
  it.each([
    [0.99, 100, 99],
    [0.99, 101, 100],
    [0.5, 100, 50],
    [1, 100, 100],
    [0, 100, 1],
    [0.99, 1, 1],
  ])('the share %d of the numbers up to %d is at most %d', (share, count, expected) => {
    expect(percentile(upTo(count), share)).toBe(expected);
  });

  it('leaves the values as they were', () => {
    const values = [3, 1, 2];
    percentile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });

  it('is nothing without values', () => {
    expect(() => percentile([], 0.5)).toThrow('no values');
  });
});

describe('median', () => {
  it.each([
    [[5, 1, 9], 5],
    [[10, 9, 2, 1], 2],
    [[10, 2, 9], 9],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});
