import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseManifests } from './parse-manifests.js';

const fragments = [
  '---\n',
  'a: ',
  '- ',
  '&x ',
  '*x',
  '<<: ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '\n',
  '  ',
  '\t',
  '!!str ',
  '? ',
  ': ',
  '|',
  '>',
  '#',
  '%YAML 1.1\n',
  '...\n',
  'apiVersion: v1\n',
  'kind: List\n',
  'items:\n',
  'metadata: {name: a}\n',
  'yes',
  '0x1',
  '\r\n',
  '\u0000',
  '\ufeff',
  '\ud800',
  '__proto__: ',
  ',',
];
const yamlLike = fc
  .array(fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 5 })), { maxLength: 60 })
  .map((parts) => parts.join(''));

describe('whatever the texts of a commit are', () => {
  it('reading them never throws, and every problem and document has a file and a line that exists', () => {
    fc.assert(
      fc.property(
        fc.oneof(yamlLike, fc.string(), fc.json()),
        fc.constantFrom('a.yaml', 'a.json'),
        (text, path) => {
          const { documents, problems } = parseManifests([{ path, text }], { defaultNamespace: 'n' });
          const lines = text.split('\n').length + 1;
          for (const { file, line } of [...documents, ...problems]) {
            expect(file).toBe(path);
            expect(line).toBeGreaterThanOrEqual(1);
            expect(line).toBeLessThanOrEqual(lines);
          }
          for (const { object, lineOf } of documents) {
            expect(() => JSON.stringify(object)).not.toThrow();
            expect(lineOf(['metadata', 'name', 0, 'x'])).toBeLessThanOrEqual(lines);
          }
          expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('an object written as JSON reads the same from a .json and from a .yaml file', () => {
    const value = fc.jsonValue({ maxDepth: 3 }).filter((one) => !JSON.stringify(one).includes('__proto__'));
    fc.assert(
      fc.property(value, (spec) => {
        const object = {
          apiVersion: 'x.io/v1',
          kind: 'Widget',
          metadata: { name: 'a', namespace: 'n' },
          spec,
        };
        const text = JSON.stringify(object);
        const read = ['a.json', 'a.yaml'].map((path) =>
          parseManifests([{ path, text }], { defaultNamespace: 'n' }),
        );
        fc.pre(read[0]!.problems.length === 0);
        for (const { documents } of read)
          expect(documents.map((one) => one.object)).toEqual([JSON.parse(text)]);
      }),
      { numRuns: 300 },
    );
  });
});
