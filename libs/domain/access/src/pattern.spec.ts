import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { coversPattern, matchesPattern, parsePattern, patternProblems, type Pattern } from './pattern.js';
import { PatternIndex } from './pattern-index.js';

const word = fc.constantFrom('a', 'b', 'top', 'topic', '');
const patternText = fc.oneof(
  fc
    .array(fc.constantFrom('a', 'b', 'top', '+', '*', '#'), { minLength: 1, maxLength: 5 })
    .map((words) => words.join('/')),
  fc
    .array(fc.constantFrom('a', 'b', 'to'), { minLength: 1, maxLength: 3 })
    .map((words) => `${words.join('/')}*`),
);

function parsed(text: string): Pattern {
  const result = parsePattern(text);
  if (!result.ok) throw new Error(`${text} ${result.problem}`);
  return result.pattern;
}

const matches = (pattern: string, address: string): boolean => matchesPattern(parsed(pattern), address);

describe('patterns', () => {
  it.each([
    ['*', 'anything/at/all', true],
    ['#', 'orders', true],
    ['orders', 'orders', true],
    ['orders', 'orders/eu', false],
    ['orders/*', 'orders', true],
    ['orders/*', 'orders/eu/north', true],
    ['orders/*', 'ordersx', false],
    ['orders/+', 'orders/eu', true],
    ['orders/+', 'orders/eu/north', false],
    ['+/eu', 'orders/eu', true],
    ['+', '', false],
    ['a/*/z', 'a/z', true],
    ['a/*/z', 'a/b/c/z', true],
    ['a/*/z', 'a/b/c/y', false],
    ['*/z', 'z', true],
    ['top*', 'topic', true],
    ['top*', 'topic/sub', true],
    ['top*', 'to', false],
    ['a/top*', 'a/topic/sub', true],
    ['news::mine', 'news::mine', true],
  ])('%s on %s: %s', (pattern, address, expected) => {
    expect(matches(pattern, address)).toBe(expected);
  });

  it.each([
    '',
    'a b',
    'a|b/*',
    'a(b',
    'x\\y',
    'a*b',
    '*a',
    'a#',
    '+x/y',
    '+/top*',
    'a\u0085b',
    'x'.repeat(1025),
    '$SYS/#',
    'activemq.x/+',
    '_!a/*',
    '!!a/#',
  ])('refuses %j', (text) => {
    expect(patternProblems(['fine', text])).toEqual([{ index: 1, problem: expect.any(String) }]);
  });

  it('are all found by the index, and only those', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(patternText, { maxLength: 12 }),
        word,
        fc.array(word),
        (texts, first, rest) => {
          const patterns = distinct(texts.map(parsed));
          const address = [first, ...rest].join('/');
          const expected = patterns.flatMap((pattern, id) => (matchesPattern(pattern, address) ? [id] : []));
          expect(new PatternIndex(patterns).match(address)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('cover another only when they match each of its addresses', () => {
    fc.assert(
      fc.property(patternText, patternText, fc.array(word, { minLength: 1, maxLength: 5 }), (a, b, words) => {
        const [wide, narrow] = [parsed(a), parsed(b)];
        const address = words.join('/');
        fc.pre(matchesPattern(narrow, address));
        if (coversPattern(wide, narrow)) expect(matchesPattern(wide, address)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('take linear time, however many # a tenant writes', () => {
    const evil = parsed(`${'#/a/'.repeat(100)}b`);
    expect(matchesPattern(evil, 'a/'.repeat(255) + 'a')).toBe(false);
    expect(new PatternIndex([evil]).match('a/'.repeat(255) + 'a')).toEqual([]);
  });
});

function distinct(patterns: readonly Pattern[]): Pattern[] {
  return [...new Map(patterns.map((pattern) => [`${pattern.kind} ${pattern.text}`, pattern])).values()];
}
