import { describe, expect, it } from '@jest/globals';
import { harmless } from './harmless.js';

describe('a text of somebody else that is shown', () => {
  it.each([
    ['C0', 0x00, 0x1f],
    ['DEL and C1', 0x7f, 0x9f],
    ['the Arabic letter mark', 0x61c, 0x61c],
    ['marks of direction', 0x200e, 0x200f],
    ['separators of lines', 0x2028, 0x2029],
    ['embeddings and overrides', 0x202a, 0x202e],
    ['isolates', 0x2066, 0x2069],
  ])('has no character that steers: %s', (_what, first, last) => {
    for (let code = first; code <= last; code++) {
      expect(harmless(`a${String.fromCharCode(code)}b`)).toBe(`a\\u${code.toString(16).padStart(4, '0')}b`);
    }
  });

  it.each(['plan "small"', 'Åsa, 日本, 🔑', 'می‌خواهم', '👩‍🔧', 'a\\nb', ''])(
    'stays as it is otherwise: %s',
    (text) => {
      expect(harmless(text)).toBe(text);
    },
  );
});
