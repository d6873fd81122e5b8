import { describe, expect, it } from '@jest/globals';
import { parseGoDuration } from './duration.js';

describe('parseGoDuration', () => {
  it.each([
    ['0', 0],
    ['500ms', 500],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['24h', 86_400_000],
  ])('reads %s', (written, ms) => {
    expect(parseGoDuration(written)).toBe(ms);
  });

  it.each(['', '5', '-5s', '1y', '1d', 'P1D', '5 m', 'm', '1h 30m', '9'.repeat(20) + 'h', '1m'.repeat(20)])(
    'refuses %s',
    (written) => {
      expect(parseGoDuration(written)).toBeUndefined();
    },
  );

  it('refuses what lies outside the bounds', () => {
    const bounds = { min: 1000, max: 60_000 };
    expect(parseGoDuration('999ms', bounds)).toBeUndefined();
    expect(parseGoDuration('1s', bounds)).toBe(1000);
    expect(parseGoDuration('1m', bounds)).toBe(60_000);
    expect(parseGoDuration('61s', bounds)).toBeUndefined();
    expect(parseGoDuration('0', bounds)).toBeUndefined();
  });
});
