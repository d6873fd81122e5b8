import { describe, expect, it } from '@jest/globals';
import { parseManifests } from './parse-manifests.js';
import { ParsedFiles } from './parsed-files.js';

const map = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`;
const options = { defaultNamespace: 'team' };

describe('files that were read before', () => {
  it('are not read again', () => {
    const known = new ParsedFiles(1_000);
    const files = [{ path: 'a.yaml', text: map('a') }];
    const [first] = parseManifests(files, { ...options, known }).documents;
    const [again] = parseManifests([{ ...files[0]! }], { ...options, known }).documents;
    expect(again).toBe(first);
  });

  it.each([
    ['their text', 'team', { path: 'a.yaml', text: map('b') }],
    ['their place', 'team', { path: 'b.yaml', text: map('a') }],
    ['the namespace', 'other', { path: 'a.yaml', text: map('a') }],
  ])('are read again when %s is another', (_what, defaultNamespace, file) => {
    const known = new ParsedFiles(1_000);
    parseManifests([{ path: 'a.yaml', text: map('a') }], { ...options, known });
    const read = (with_: { known?: ParsedFiles }): unknown =>
      JSON.stringify(parseManifests([file], { defaultNamespace, ...with_ }));
    expect(read({ known })).toEqual(read({}));
  });

  it('still count against what a commit may hold', () => {
    const known = new ParsedFiles(1_000);
    const file = { path: 'a.yaml', text: map('a', 'data: { a: "1", b: "2" }\n') };
    const few = { yamlTokens: 30 };
    expect(parseManifests([file], { ...options, known }).problems).toEqual([]);
    const codes = parseManifests([file, { ...file, path: 'b.yaml' }], { ...options, known, limits: few });
    expect(codes.problems).toEqual(
      parseManifests([file, { ...file, path: 'b.yaml' }], { ...options, limits: few }).problems,
    );
    expect(codes.problems).not.toEqual([]);
  });

  it('with a mistake are read again, and say it again', () => {
    const known = new ParsedFiles(1_000);
    const files = [{ path: 'a.yaml', text: 'kind: [' }];
    const { problems } = parseManifests(files, { ...options, known });
    expect(problems).not.toEqual([]);
    expect(parseManifests(files, { ...options, known }).problems).toEqual(problems);
  });

  it('go when there are too many, those not used for longest first', () => {
    const known = new ParsedFiles(3 * map('a').length);
    const read = (name: string): unknown =>
      parseManifests([{ path: `${name}.yaml`, text: map(name) }], { ...options, known }).documents[0];
    const [a, b] = [read('a'), read('b')];
    read('c');
    expect(read('a')).toBe(a);
    read('d');
    expect(read('a')).toBe(a);
    expect(read('b')).not.toBe(b);
  });
});
