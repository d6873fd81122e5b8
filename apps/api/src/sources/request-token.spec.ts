import { describe, expect, it } from '@jest/globals';
import { createRequestTokens } from './request-token.js';

describe('createRequestTokens', () => {
  it('never repeats and never goes back, whatever clock and chance do', () => {
    const times = [5000, 5000, 4000, 5001, 0];
    const next = createRequestTokens(
      () => times.shift() ?? 0,
      () => 7,
    );
    const tokens = Array.from({ length: 6 }, next);
    expect(tokens[0]).toBe('1970-01-01T00:00:05.000000007Z');
    expect([...new Set(tokens)].sort()).toEqual(tokens);
  });

  it('is a time that a program can read', () => {
    const token = createRequestTokens(
      () => 1_767_225_600_123,
      () => 999_999,
    )();
    expect(token).toBe('2026-01-01T00:00:00.123999999Z');
    expect(new Date(token).getTime()).toBe(1_767_225_600_123);
  });
});
