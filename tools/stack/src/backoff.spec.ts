import { describe, expect, it } from '@jest/globals';
import { nextBackoff } from './backoff.js';

describe('the wait before a part is started again', () => {
  it('is short after a first crash, doubles while it keeps crashing, and has a limit', () => {
    const waits = [0, 0, 0, 0, 0, 0, 0, 0, 0].reduce<number[]>(
      (sofar) => [...sofar, nextBackoff(sofar.at(-1) ?? 0, 50)],
      [],
    );
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  });

  it('begins anew for a part that ran well in between', () => {
    expect(nextBackoff(6_400, 30_000)).toBe(100);
  });
});
