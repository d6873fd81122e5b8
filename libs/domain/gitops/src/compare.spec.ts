import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@samband/resources';
import { isDeclaredIn } from './compare.js';

const widget = (spec: unknown, kind = 'Widget'): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'a' },
  spec,
});

describe('whether a manifest is in force', () => {
  it.each<[string, unknown, unknown, boolean, boolean]>([
    ['equal values', { a: [1, { b: 'x' }] }, { a: [1, { b: 'x' }] }, true, true],
    ['fields that others added', { a: 1 }, { a: 1, b: 2 }, true, true],
    ['fields added inside the items of a list', { a: [{ n: 1 }] }, { a: [{ n: 1, d: 2 }] }, true, true],
    ['a missing field', { a: 1, b: 2 }, { a: 1 }, false, false],
    ['a longer list', { a: [1] }, { a: [1, 2] }, false, false],
    ['another type', { a: '1' }, { a: true }, false, false],
    ['a list where a mapping is', { a: {} }, { a: [] }, false, false],
    ['null, and no such field', { a: null }, {}, true, true],
    ['null, and such a field', { a: null }, { a: 1 }, false, false],
    ['an empty value that the API server drops', { a: [], b: '', c: { d: {} }, e: false }, {}, false, true],
    [
      'a quantity in other words',
      { cpu: 0.5, memory: '1024Mi' },
      { cpu: '500m', memory: '1Gi' },
      false,
      true,
    ],
    ['another quantity', { cpu: '0.5' }, { cpu: '501m' }, false, false],
    ['an inherited name that is no field', { toString: 'x' }, {}, false, false],
  ])('%s', (_what, declared, live, expected, whenKnown) => {
    expect(isDeclaredIn(widget(declared), widget(live), false)).toBe(expected);
    expect(isDeclaredIn(widget(declared), widget(live), true)).toBe(whenKnown);
  });

  it('takes another served version of an object for the same', () => {
    expect(
      isDeclaredIn({ ...widget({}), apiVersion: 'x/v1' }, { ...widget({}), apiVersion: 'x/v2' }, false),
    ).toBe(true);
  });

  it('knows stringData of a Secret again in its data', () => {
    const secret: KubeObject = { ...widget({}, 'Secret'), stringData: { k: 'hé' }, data: { l: 'eA==' } };
    const live = { ...widget({}, 'Secret'), data: { k: 'aMOp', l: 'eA==' } };
    expect(isDeclaredIn(secret, live, false)).toBe(true);
    expect(isDeclaredIn({ ...secret, stringData: { k: 'other' } }, live, false)).toBe(false);
  });
});
