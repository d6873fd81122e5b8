import { describe, expect, it } from '@jest/globals';
import { formatCredits, toMicroCredits } from './credits.js';

describe('toMicroCredits', () => {
  it.each([
    [0, 0],
    [0.001, 1000],
    [0.0001, 100],
    [0.000001, 1],
    [0.1, 100_000],
    [1.9, 1_900_000],
    [0.3, 300_000],
    [10_000, 10_000_000_000],
    [1_000_000, 1_000_000_000_000],
  ])('counts %d exactly', (credit, micros) => {
    expect(toMicroCredits(credit)).toBe(micros);
  });

  it.each([-1, -0.001, NaN, Infinity, 1e-7, 0.0000015, 1 / 3, 0.1 + 0.2, 1e300])('refuses %d', (credit) => {
    expect(toMicroCredits(credit)).toBeUndefined();
  });

  it('adds up where fractions do not', () => {
    const micros = Array.from({ length: 3300 }, () => toMicroCredits(0.001) ?? NaN);
    expect(micros.reduce((sum, each) => sum + each, 0)).toBe(3_300_000);
    expect(formatCredits(3_300_000)).toBe('3.3');
  });

  it('is exact for every thousandth', () => {
    for (let thousandths = 0; thousandths <= 20_000; thousandths += 1) {
      expect(toMicroCredits(Number((thousandths / 1000).toFixed(3)))).toBe(thousandths * 1000);
    }
  });
});
