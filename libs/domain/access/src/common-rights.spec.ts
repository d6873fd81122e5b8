import { describe, expect, it } from '@jest/globals';
import { commonRights, type SingleRight } from './common-rights.js';

const rights = (...words: string[]): SingleRight[] =>
  words.map((word) => {
    const [operation, pattern] = word.split(' ');
    return { operation, pattern } as SingleRight;
  });
const common = (a: string[], b: string[]): string[] =>
  commonRights(rights(...a), rights(...b)).map(({ operation, pattern }) => `${operation} ${pattern}`);

describe('the rights that two states of a user both grant', () => {
  it.each([
    ['the same', ['send orders'], ['send orders'], ['send orders']],
    ['nothing where nothing is shared', ['send orders'], ['send store'], []],
    ['the narrow one, where it was widened', ['recv orders'], ['recv #'], ['recv orders']],
    ['the narrow one, where it was narrowed', ['recv #'], ['recv orders'], ['recv orders']],
    ['what was not withdrawn', ['send a', 'recv a'], ['send a'], ['send a']],
    ['the lesser operation', ['recv a'], ['view a'], ['view a']],
    ['nothing of patterns that overlap in part', ['send a/+/c'], ['send a/b/#'], []],
    ['nothing of what is no pattern', ['send a(b'], ['send a(b'], []],
    ['nothing of one that is empty', [], ['send #'], []],
  ])('are %s', (_, a, b, expected) => {
    expect(common(a, b)).toEqual(expected);
    expect(common(b, a)).toEqual(expected);
  });
});
