import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldPermissions } from './fold.js';
import type { Operation } from './grant.js';
import { mayUse } from './may-use.js';
import { matchesPattern, maxAddressLength, parsePattern, patternProblems } from './pattern.js';

const part = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    '/',
    '//',
    '#',
    '*',
    '+',
    '::',
    '.',
    '$',
    '_!',
    '!!',
    '|',
    '(',
    '[',
    '\\',
    '^',
    '?',
    '{',
    ' ',
    '\n',
    '\0',
  ),
  fc.constantFrom(
    'ä',
    '🔑',
    '\u202e',
    '\u2028',
    '\ud800',
    'activemq.',
    '$sys',
    '__proto__',
    'constructor',
    'x'.repeat(400),
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const text = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''));
const operations = fc.uniqueArray(fc.constantFrom<Operation>('send', 'recv', 'view', 'manage'), {
  minLength: 1,
});
const grants = fc.array(
  fc.record({ role: fc.constantFrom('u1', 'u2'), operations, addresses: fc.array(text, { maxLength: 4 }) }),
  { maxLength: 5 },
);

describe('any text as a pattern of addresses', () => {
  it('is understood, or refused with what to change', () => {
    fc.assert(
      fc.property(text, text, (one, address) => {
        const parsed = parsePattern(one);
        if (parsed.ok) {
          expect(one.length).toBeLessThanOrEqual(maxAddressLength);
          expect(one).not.toMatch(/[\\^[\](){}|?\s\p{Cc}]/u);
          expect(typeof matchesPattern(parsed.pattern, address)).toBe('boolean');
          expect(parsePattern(parsed.pattern.text).ok || parsed.pattern.kind === 'prefix').toBe(true);
        } else expect(parsed.problem).not.toBe('');
        expect(patternProblems([one])).toHaveLength(parsed.ok ? 0 : 1);
      }),
    );
  });

  it('costs no more steps than words by words', () => {
    const words = fc
      .array(fc.constantFrom('#', '+', 'a', ''), { maxLength: 500 })
      .map((all) => all.join('/'));
    fc.assert(
      fc.property(words, words, (pattern, address) => {
        const parsed = parsePattern(pattern);
        if (parsed.ok) expect(typeof matchesPattern(parsed.pattern, address)).toBe('boolean');
      }),
    );
  });
});

describe('matches for the broker', () => {
  it('hold nothing that the broker would read as a rule of its own, whatever is granted on whatever address', () => {
    fc.assert(
      fc.property(
        grants,
        fc.uniqueArray(text, { maxLength: 6 }),
        fc.uniqueArray(text, { maxLength: 3 }),
        (users, addresses, closed) => {
          const matches = foldPermissions(users, addresses, new Set(closed));
          expect(new Set(matches.map(({ match }) => match)).size).toBe(matches.length);
          for (const { match, send, consume, browse } of matches) {
            expect(match).not.toMatch(/[\\^[\](){}|?\s\p{Cc}]/u);
            expect(match.length).toBeLessThanOrEqual(maxAddressLength);
            for (const role of [...send, ...consume, ...browse]) expect(['u1', 'u2']).toContain(role);
          }
        },
      ),
    );
  });

  it('give nobody an exact address that their grants do not', () => {
    fc.assert(
      fc.property(grants, fc.uniqueArray(text, { maxLength: 6 }), (users, addresses) => {
        const plain = addresses.filter((address) => !address.includes('::'));
        const matches = new Map(foldPermissions(users, plain, new Set()).map((one) => [one.match, one]));
        for (const address of plain) {
          const match = /[#+*]/.test(address) ? undefined : matches.get(address);
          for (const role of match?.send ?? [])
            expect([address, mayUse(users, role, 'send', address)]).toEqual([address, true]);
          for (const role of match?.consume ?? [])
            expect([address, mayUse(users, role, 'recv', address)]).toEqual([address, true]);
        }
      }),
    );
  });
});
