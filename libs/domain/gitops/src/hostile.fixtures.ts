import fc from 'fast-check';
import type { KubeObject } from '@samband/resources';

/** Texts that somebody once broke a program with. */
export const hostileText = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      ' ',
      'a',
      '-',
      '.',
      '..',
      '../x',
      '/',
      '#',
      '*',
      '+',
      'a/#',
      'a::b',
      '"',
      "'",
      '\n',
      'a\nb',
      '\0',
      '\u001b[2J',
    ],
    ...[
      '\ud800',
      'a\udfff',
      '\ufeff',
      '\u202e',
      '\u009b2J',
      '\u2066a',
      '\u2028',
      'ÅÄ',
      '日本',
      '🔑',
      'i\u0307'.repeat(40),
      'x'.repeat(300),
    ],
    ...[
      'x'.repeat(9_000),
      'NaN',
      'Infinity',
      '1e309',
      '-1',
      '0',
      '1y',
      '-5s',
      'P1D',
      '99999h',
      '1Ei',
      '-512Mi',
      '0x10',
    ],
    ...[
      '$sys',
      'activemq.management',
      'activemq.notifications',
      'notif',
      '$.artemis.internal',
      '_!x',
      '!!addresses',
    ],
    ...[
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'hasOwnProperty',
      'javascript:alert(1)',
      '<script>',
      '{{x}}',
    ],
    ...[
      '-----BEGIN CERTIFICATE-----',
      'app',
      'app.',
      '.app',
      'app.app',
      'system:serviceaccount:a:b',
      'queue',
      'small',
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** Values of every JSON type, most of them where another is expected. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constant(null),
  fc.constantFrom<unknown>(
    true,
    false,
    0,
    -0,
    -1,
    0.1,
    1e21,
    1e-7,
    5e-324,
    Number.MAX_VALUE,
    2 ** 53,
    65_536,
    70_000,
  ),
  fc.constantFrom<unknown>([], {}, [[]], [null], [{}], { a: null }, { constructor: { prototype: { a: 1 } } }),
  fc.array(hostileText, { maxLength: 3 }),
  fc.dictionary(hostileText, hostileText, { maxKeys: 3, noNullPrototype: true }),
  fc.integer({ min: 1, max: 120 }).map((depth) => nested(depth)),
);

function nested(depth: number): unknown {
  return depth === 0 ? 1 : depth % 2 === 0 ? [nested(depth - 1)] : { a: nested(depth - 1) };
}

type Step = string | number;
interface Change {
  readonly at: number;
  readonly how: 'replace' | 'remove' | 'add' | 'repeat';
  readonly key: string;
  readonly value: unknown;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(10_000),
  how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'repeat'),
  key: hostileText,
  value: hostileValue,
});

/** A good object with a few of its places made bad: deep enough to reach the rules behind the schema. */
export function mutated(goods: readonly KubeObject[], maxChanges = 3): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...goods), fc.array(change, { maxLength: maxChanges }))
    .map(([good, changes]) => changes.reduce<unknown>(apply, structuredClone(good)));
}

function apply(root: unknown, { at, how, key, value }: Change): unknown {
  const places = placesOf(root);
  const path = places[at % places.length] ?? [];
  const last = path.at(-1);
  if (last === undefined) return how === 'replace' && at % 20 === 0 ? value : root;
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((node, step) => (node as Record<Step, unknown>)[step], root);
  const holder = parent as Record<Step, unknown>;
  const target = holder[last];
  if (how === 'remove') Reflect.deleteProperty(holder, last);
  else if (how === 'replace') define(holder, last, structuredClone(value));
  else if (how === 'add' && typeof target === 'object' && target !== null && !Array.isArray(target))
    define(target, key, structuredClone(value));
  else if (how === 'repeat' && Array.isArray(target)) target.push(...(structuredClone(target) as unknown[]));
  return root;
}

/** As a parser that knows no danger would: `__proto__` becomes a key like any other. */
function define(holder: object, key: Step, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true });
}

function placesOf(node: unknown, path: readonly Step[] = []): (readonly Step[])[] {
  if (typeof node !== 'object' || node === null || path.length > 12) return [path];
  const steps: Step[] = Array.isArray(node) ? [...node.keys()] : Object.keys(node);
  return [path, ...steps.flatMap((step) => placesOf((node as Record<Step, unknown>)[step], [...path, step]))];
}
