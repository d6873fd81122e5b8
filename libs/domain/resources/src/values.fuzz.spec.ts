import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';
import { parseGoDuration } from './duration.js';
import { spaceOfAddress } from './names.js';
import { changeIssues, parseObject } from './parse.js';
import { parseBrokerSize, parseBytes } from './quantity.js';
import { kindNames, kinds } from './registry.js';
import { secretData, secretText } from './secret-data.js';

const isWhole = (value: number | undefined): boolean =>
  value === undefined || (Number.isSafeInteger(value) && value >= 0);
const numberLike = fc
  .array(
    fc.oneof(
      fc.nat(9).map(String),
      fc.constantFrom(
        '.',
        '-',
        '+',
        'e',
        'E',
        ' ',
        '_',
        '9'.repeat(30),
        '1e309',
        'NaN',
        'Infinity',
        '0x',
        '٣',
        '１',
        '\n',
      ),
      fc.constantFrom(
        'ms',
        's',
        'm',
        'h',
        'd',
        'y',
        'P1D',
        'ns',
        'µs',
        'Ki',
        'Mi',
        'Gi',
        'Ei',
        'k',
        'K',
        'M',
        'b',
        'MB',
        'gB',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('any text as a number with a unit', () => {
  it('is whole bytes or whole milliseconds, or nothing', () => {
    fc.assert(
      fc.property(fc.oneof(numberLike, fc.string({ unit: 'binary' })), (text) => {
        for (const value of [parseBytes(text), parseBrokerSize(text), parseGoDuration(text)]) {
          expect([text, value, isWhole(value)]).toEqual([text, value, true]);
        }
        if (/^-|[dy]|P|NaN|Infinity/.test(text)) expect(parseGoDuration(text)).toBeUndefined();
      }),
    );
  });

  it('is read as it is written', () => {
    const unit = fc.constantFrom<[string, number]>(['ms', 1], ['s', 1000], ['m', 60_000], ['h', 3_600_000]);
    fc.assert(
      fc.property(fc.nat(1_000_000), unit, (amount, [name, ms]) => {
        expect(parseGoDuration(`${amount}${name}`)).toBe(amount * ms);
        expect(parseBytes(`${amount}Mi`)).toBe(amount * 2 ** 20);
        expect(parseBrokerSize(`${amount} Mb`)).toBe(amount * 2 ** 20);
      }),
    );
  });
});

describe('any value as an object of any of our kinds', () => {
  const poison = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom<unknown>(
      undefined,
      null,
      '',
      [],
      {},
      -1,
      1e308,
      2 ** 53,
      Number.NaN,
      Infinity,
      '__proto__',
      'x'.repeat(70_000),
    ),
  );
  const key = fc.constantFrom(
    ...[
      'apiVersion',
      'kind',
      'metadata',
      'spec',
      'status',
      'name',
      'namespace',
      'labels',
      'annotations',
      'type',
      'plan',
    ],
    ...[
      'address',
      'topic',
      'endpoints',
      'cert',
      'expose',
      'connectors',
      'tls',
      'username',
      'authentication',
      'url',
    ],
    ...[
      'ref',
      'branch',
      'path',
      'interval',
      'resources',
      'addressType',
      'addressSpaceType',
      'source',
      'commit',
    ],
    ...['constructor', 'toString', 'hasOwnProperty', 'length', '0'],
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      poison,
      tie('mapping'),
      fc.array(tie('node'), { maxLength: 3 }),
    ),
    mapping: fc.dictionary(key, tie('node'), { maxKeys: 8, noNullPrototype: true }),
  }));
  const kind = fc.constantFrom(...kindNames);
  const named = fc.tuple(kind, tree.mapping, tree.node, tree.node).map(([name, rest, metadata, spec]) => {
    const { group, versions } = kinds[name];
    return { name, object: { ...rest, apiVersion: `${group}/${versions[0]}`, kind: name, metadata, spec } };
  });

  it('is read, or refused with a place and a reason for each fault', () => {
    fc.assert(
      fc.property(named, ({ name, object }) => {
        const before = canonicalJson(object);
        const parsed = parseObject(name, object);
        for (const { path, message } of parsed.ok ? [] : parsed.issues) {
          expect(Array.isArray(path)).toBe(true);
          expect(message).not.toBe('');
          expect(message.length).toBeLessThan(2000);
        }
        expect(canonicalJson(object)).toBe(before);
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      }),
    );
  });

  it('can be compared with any other', () => {
    fc.assert(
      fc.property(named, tree.node, tree.node, ({ name, object }, metadata, spec) => {
        const other = { ...object, metadata, spec };
        for (const { message } of changeIssues(name, object as never, other as never))
          expect(message).not.toBe('');
      }),
    );
  });
});

describe('texts', () => {
  it('come back from a Secret as they were', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const secret = {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 's' },
          data: secretData({ text }),
        };
        expect(secretText(secret, 'text')).toBe(text);
      }),
    );
  });

  it('make one canonical form of equal values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('name a space by what stands before their first dot', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const space = spaceOfAddress(text);
        if (space === undefined) expect(text.indexOf('.')).toBeLessThanOrEqual(0);
        else expect(text.startsWith(`${space}.`) && !space.includes('.') && space !== '').toBe(true);
      }),
    );
  });
});
