import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldPermissions } from './fold.js';
import type { Grant, Operation, PermissionMatch } from './grant.js';
import { mayUse } from './may-use.js';

const grant = (role: string, operations: Operation[], ...addresses: string[]): Grant => ({
  role,
  operations,
  addresses,
});
const nothingClosed = new Set<string>();
const at = (matches: readonly PermissionMatch[], match: string): PermissionMatch | undefined =>
  matches.find((candidate) => candidate.match === match);

/**
 * The broker, written from its own source and not from ours: regular expressions, one match taken, and an
 * unlucky choice (`pick`) where its order is not defined.
 */
function brokerTakes(
  matches: readonly PermissionMatch[],
  address: string,
  pick: number,
): PermissionMatch | undefined {
  const exact = at(matches, address);
  if (exact !== undefined) return exact;
  if (address.includes('::')) return brokerTakes(matches, address.split('::')[0] ?? '', pick);
  const fitting = matches.filter(({ match }) => /[#+]/.test(match) && regularExpression(match).test(address));
  const better = (a: string, b: string): boolean => {
    if (a.includes('#') !== b.includes('#')) return b.includes('#');
    if (a.includes('#')) return a.length > b.length;
    const [left, right] = [a.split('/'), b.split('/')];
    const differing = left.findIndex((own, index) => (own === '+') !== (right[index] === '+'));
    return differing >= 0 && left[differing] !== '+';
  };
  const best = fitting.filter((one) => !fitting.some((other) => better(other.match, one.match)));
  return best[pick % Math.max(best.length, 1)];
}

function regularExpression(match: string): RegExp {
  if (match === '#') return /^.*$/;
  const text = match
    .replaceAll('/#', '#')
    .replaceAll('.', '\\.')
    .replaceAll('+', '[^/]+')
    .replaceAll('#', '(/.+)*');
  return new RegExp(`^${text}$`);
}

const operation = fc.constantFrom<Operation>('send', 'recv', 'view', 'manage');
const patternText = fc.oneof(
  fc
    .array(fc.constantFrom('a', 'b', 'to', '+', '*', '#'), { minLength: 1, maxLength: 4 })
    .map((words) => words.join('/')),
  fc
    .array(fc.constantFrom('a', 'b', 'to'), { minLength: 1, maxLength: 3 })
    .map((words) => `${words.join('/')}*`),
  fc.constantFrom('a::b', 'a::*'),
);
const grants = fc.array(
  fc.record({
    role: fc.constantFrom('u1', 'u2', 'u3', 'u4'),
    operations: fc.uniqueArray(operation, { minLength: 1 }),
    addresses: fc.array(patternText, { minLength: 1, maxLength: 3 }),
  }),
  { maxLength: 8 },
);
const address = fc
  .oneof(
    fc
      .array(fc.constantFrom('a', 'b', 'to', 'top', ''), { minLength: 1, maxLength: 4 })
      .map((words) => words.join('/')),
    fc.constantFrom('a::b', 'a::c', 'b::to', 'missing::a'),
  )
  .filter((text) => text !== '');

describe('subscribing to topics', () => {
  const news = ['news', 'orders', 'news::audit'];
  const topics = { names: new Set(['news']), isFull: false };

  it('goes with receiving from the topic, and is granted at the topic alone', () => {
    const folded = foldPermissions(
      [
        grant('all', ['send', 'recv'], '*'),
        grant('reader', ['recv'], 'news'),
        grant('writer', ['send'], 'news'),
      ],
      news,
      nothingClosed,
      topics,
    );
    expect(at(folded, 'news')).toEqual({
      match: 'news',
      send: ['all', 'writer'],
      consume: ['all', 'reader'],
      browse: ['all', 'reader'],
      subscribe: ['all', 'reader'],
      unsubscribe: ['all', 'reader'],
    });
    expect(
      folded.filter(({ match, subscribe, unsubscribe }) => match !== 'news' && (subscribe ?? unsubscribe)),
    ).toEqual([]);
  });

  it('never reaches a declared subscription, which has a match of its own', () => {
    const folded = foldPermissions([grant('all', ['recv'], '*')], news, nothingClosed, topics);
    expect(at(folded, 'news::audit')).toEqual({
      match: 'news::audit',
      send: [],
      consume: ['all'],
      browse: ['all'],
    });
  });

  it('is for nobody where there is no room; ending what there is stays', () => {
    const folded = foldPermissions([grant('all', ['recv'], '*')], news, nothingClosed, {
      ...topics,
      isFull: true,
    });
    expect(at(folded, 'news')).toMatchObject({ consume: ['all'], unsubscribe: ['all'] });
    expect(at(folded, 'news')?.subscribe).toBeUndefined();
  });

  it('is for nobody at a topic that is closed', () => {
    const folded = foldPermissions([grant('all', ['recv'], '*')], news, new Set(['news']), topics);
    expect(at(folded, 'news')).toEqual({ match: 'news', send: [], consume: [], browse: [] });
  });
});

describe('folded permissions', () => {
  it('decide on the broker as the grants say, for every user, address and operation', () => {
    fc.assert(
      fc.property(grants, fc.uniqueArray(address, { maxLength: 10 }), fc.nat(9), (users, addresses, pick) => {
        const matches = foldPermissions(users, addresses, nothingClosed);
        for (const each of addresses) {
          const taken = brokerTakes(matches, each, pick);
          for (const role of ['u1', 'u2', 'u3', 'u4']) {
            const sendTo = each.split('::')[0] ?? each;
            expect([each, role, 'send', taken?.send.includes(role) ?? false]).toEqual([
              each,
              role,
              'send',
              mayUse(users, role, 'send', sendTo),
            ]);
            expect([each, role, 'recv', taken?.consume.includes(role) ?? false]).toEqual([
              each,
              role,
              'recv',
              mayUse(users, role, 'recv', each),
            ]);
            expect([each, role, 'view', taken?.browse.includes(role) ?? false]).toEqual([
              each,
              role,
              'view',
              mayUse(users, role, 'view', each),
            ]);
          }
        }
      }),
      { numRuns: 600 },
    );
  });

  it('let nobody at a closed address, whatever was granted', () => {
    fc.assert(
      fc.property(grants, fc.uniqueArray(address, { minLength: 1 }), fc.nat(9), (users, addresses, pick) => {
        const closed = new Set(addresses.filter((_, index) => index % 2 === 0));
        const matches = foldPermissions(users, addresses, closed);
        for (const each of closed) {
          expect(brokerTakes(matches, each, pick)).toEqual({
            match: each,
            send: [],
            consume: [],
            browse: [],
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('do not depend on the order of grants and addresses', () => {
    fc.assert(
      fc.property(grants, fc.uniqueArray(address), (users, addresses) => {
        const closed = new Set(['b']);
        expect(foldPermissions(users.toReversed(), addresses.toReversed(), closed)).toEqual(
          foldPermissions(users, addresses, closed),
        );
      }),
    );
  });

  it('fold those with a wider pattern into every narrower match', () => {
    const matches = foldPermissions(
      [
        grant('all', ['send', 'recv'], '*'),
        grant('eu', ['recv'], 'orders/eu/*'),
        grant('one', ['view'], 'orders/eu/1'),
      ],
      ['orders/eu/1', 'orders/eu/2', 'other'],
      nothingClosed,
    );
    expect(matches).toEqual([
      { match: '#', send: ['all'], consume: ['all'], browse: ['all'] },
      { match: 'orders/eu/#', send: ['all'], consume: ['all', 'eu'], browse: ['all', 'eu'] },
      { match: 'orders/eu/1', send: ['all'], consume: ['all', 'eu'], browse: ['all', 'eu', 'one'] },
    ]);
  });

  it('always hold the match for everything, so that it can be emptied', () => {
    expect(foldPermissions([], [], nothingClosed)).toEqual([
      { match: '#', send: [], consume: [], browse: [] },
    ]);
  });

  it('keep ten thousand addresses out of the broker when wildcards say it all', () => {
    const addresses = Array.from({ length: 10_000 }, (_, index) => `team${index % 100}/queue${index}`);
    const users = Array.from({ length: 200 }, (_, index) =>
      index % 2 === 0
        ? grant(`u${index}`, ['send', 'recv'], '*')
        : grant(`u${index}`, ['recv'], `team${index}/*`),
    );
    expect(foldPermissions(users, addresses, nothingClosed)).toHaveLength(101);
  });

  it('write an exact match only where patterns overlap in part, or where a prefix or inner # applies', () => {
    const matches = foldPermissions(
      [
        grant('x', ['send'], 'a/+'),
        grant('y', ['send'], '+/b'),
        grant('p', ['send'], 'c*'),
        grant('h', ['send'], 'd/#/e'),
      ],
      ['a/b', 'a/c', 'z/b', 'cat', 'd/x/e', 'd/x'],
      nothingClosed,
    );
    expect(matches.map(({ match, send }) => [match, send])).toEqual([
      ['#', []],
      ['+/b', ['y']],
      ['a/+', ['x']],
      ['a/b', ['x', 'y']],
      ['cat', ['p']],
      ['d/x/e', ['h']],
    ]);
  });

  it('give nothing for a pattern that is not understood', () => {
    const matches = foldPermissions([grant('x', ['send'], 'a|b/*', 'c(d')], ['a', 'c(d'], nothingClosed);
    expect(matches).toEqual([{ match: '#', send: [], consume: [], browse: [] }]);
  });

  it('hold no match for an address that is none, nor one that the broker would refuse', () => {
    const strange = ['a/#', 'a/+', 'a(b', 'a*', '#', ''];
    const users = [grant('x', ['send'], 'a*')];
    const expected = [{ match: '#', send: [], consume: [], browse: [] }];
    expect(foldPermissions(users, strange, nothingClosed)).toEqual(expected);
    expect(foldPermissions(users, [], new Set(strange))).toEqual(expected);
  });

  it('hold no match for what belongs to the broker, whoever asks for it', () => {
    const names = ['$x', '$x::sub', 'activemq.y', '_!a', '!!b'];
    const patterns = ['$SYS/#', 'activemq.x/+', '_!a/*', '!!a/#', '$*', ...names];
    const matches = foldPermissions(
      [grant('x', ['send', 'recv'], 'sub', ...patterns)],
      names,
      new Set(['$z']),
    );
    expect(matches).toEqual([{ match: '#', send: [], consume: [], browse: [] }]);
  });

  it('let a user of a subscription alone receive from it, and not from its topic', () => {
    const matches = foldPermissions(
      [grant('sub', ['recv'], 'mine')],
      ['news', 'news::mine', 'news::other'],
      nothingClosed,
    );
    expect(at(matches, 'news::mine')?.consume).toEqual(['sub']);
    expect(at(matches, 'news')).toBeUndefined();
    expect(at(matches, 'news::other')).toBeUndefined();
  });
});

describe('what a user may do', () => {
  const users = [
    grant('r', ['recv'], 'q'),
    grant('m', ['manage'], 'q'),
    grant('v', ['view'], 'q'),
    grant('s', ['send'], 'q'),
  ];

  it.each([
    ['r', ['recv', 'view']],
    ['m', ['view', 'manage']],
    ['v', ['view']],
    ['s', ['send']],
    ['nobody', []],
  ])('%s: %j', (role, allowed) => {
    const operations: Operation[] = ['send', 'recv', 'view', 'manage'];
    expect(operations.filter((each) => mayUse(users, role, each, 'q'))).toEqual(allowed);
    expect(operations.filter((each) => mayUse(users, role, each, 'q2'))).toEqual([]);
  });
});
