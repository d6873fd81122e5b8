import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from './canonical-json.js';

describe('canonical JSON', () => {
  it('is the same for equal values, whatever order they were written in', () => {
    expect(canonicalJson({ b: [{ d: 1, c: '"' }], a: null, 10: true, 9: false })).toBe(
      canonicalJson({ 9: false, 10: true, a: null, b: [{ c: '"', d: 1 }] }),
    );
    expect(canonicalJson({ b: { d: 1, c: [2, 'x'] }, a: null })).toBe('{"a":null,"b":{"c":[2,"x"],"d":1}}');
  });

  it('tells lists in another order apart', () => {
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  });

  it('takes a key without a value for one that is not there', () => {
    expect(canonicalJson({ a: undefined, b: [undefined] })).toBe('{"b":[null]}');
  });
});
