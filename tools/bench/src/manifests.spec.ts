import { describe, expect, it } from '@jest/globals';
import { addressFiles, changedFile } from './manifests.js';

const documents = (text: string): number => text.split('---\n').length;

describe('files of addresses', () => {
  it('hold a hundred documents each', () => {
    const files = addressFiles(10_000);
    expect(Object.keys(files)).toHaveLength(100);
    expect(new Set(Object.values(files).map(documents))).toEqual(new Set([100]));
  });

  it('hold the rest in the last one', () => {
    expect(Object.values(addressFiles(210)).map(documents)).toEqual([100, 100, 10]);
  });

  it('name every queue once', () => {
    const names = Object.values(addressFiles(1_000)).flatMap((text) => text.match(/(?<=name: )\S+/g) ?? []);
    expect(new Set(names).size).toBe(1_000);
  });
});

describe('a changed file', () => {
  it('differs in one address only', () => {
    const file = 'addresses/q-001.yaml';
    const changed = changedFile(1_000, 142, 60_000);
    const text = changed[file] ?? '';
    const before = addressFiles(1_000)[file] ?? '';
    expect(Object.keys(changed)).toEqual([file]);
    expect(text.replace('  messageTtl:\n    maximum: 60000\n', '')).toBe(before);
    expect(text).toContain('address: q-00142\n  type: queue\n  plan: bench-queue\n  messageTtl:');
  });
});
