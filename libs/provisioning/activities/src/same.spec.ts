import { describe, expect, it } from '@jest/globals';
import { clip } from './clip.js';
import { isSameValue } from './same.js';

describe('two values', () => {
  it.each([
    [{ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 }, true],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: 1 }, { a: '1' }, false],
    [[1, 2], [2, 1], false],
    [{}, [], false],
    [undefined, {}, false],
    [{ toString: 1 }, {}, false],
  ])('%j and %j: %s', (a, b, same) => {
    expect(isSameValue(a, b)).toBe(same);
  });
});

describe('a text that is cut', () => {
  it('stays as it is where it fits, and ends in an ellipsis where it does not', () => {
    expect(clip('abcd', 4)).toBe('abcd');
    expect(clip('abcde', 4)).toBe('abc…');
  });

  it('never ends in half a character', () => {
    expect(clip('ab\u{1F600}cd', 4)).toBe('ab…');
  });
});
