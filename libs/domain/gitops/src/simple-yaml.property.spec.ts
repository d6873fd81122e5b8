import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readSimpleYaml } from './simple-yaml.js';
import { atOnce } from './source-value.js';
import { readYaml, readYamlText } from './yaml-source.js';

const limits = {
  depth: 100,
  aliasedValues: 100,
  documentsPerFile: 100,
  yamlTokensPerDocument: Infinity,
  valuesPerDocument: Infinity,
  budget: { yamlTokens: Infinity, values: Infinity },
};

/** Mostly what a simple document holds, now and then what only looks like it. */
const mostly = (simple: readonly string[], doubtful: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...simple) }, { weight: 1, arbitrary: doubtful });
const words = (text: string): string[] => text.split('¦');

const key = mostly(
  words('a¦b¦c¦d¦name¦x-y¦a.b/c¦Kind¦e1¦constructor¦toString'),
  fc.constantFrom(...words('y¦on¦null¦1¦"q"¦<<¦__proto__¦ä')),
);
const scalar = mostly(
  words('¦¦¦1¦010¦-5¦.5¦1e3¦yes¦~x¦x¦a b¦a:b¦a#x¦"x y"¦\'x\'¦2024-01-02¦a -b¦system:serviceaccount:n:a¦a @b'),
  fc.oneof(
    fc.constantFrom(
      ...words(" ¦- 5¦-x¦a  b¦a: b¦a:¦:a¦#x¦a #x¦\"a\\n\"¦'it''s'¦\"¦&a x¦*a¦!x y¦|¦>¦{}¦[a]¦%x¦@x¦`x¦?¦? x"),
      ...words('=¦.inf¦1 2¦a - b¦---¦...¦99999999999999999999¦ä¦x ¦\tx¦~¦@¦a %b¦a =b¦+¦a :b¦a b: c¦"a" b'),
    ),
    fc.string({ maxLength: 4 }).filter((text) => !/[\n\r]/.test(text)),
  ),
);
const keyLine = fc
  .tuple(
    mostly(['', '', '  ', '  ', '    '], fc.constantFrom(' ', '   ', '\t')),
    key,
    mostly([': '], fc.constantFrom(':', ':  ', ' : ')),
    scalar,
  )
  .map(([indent, name, colon, value]) => `${indent}${name}${value === '' ? ':' : `${colon}${value}`}`);
const line = fc.oneof(
  { weight: 12, arbitrary: keyLine },
  { weight: 1, arbitrary: fc.constantFrom(...words('¦  ¦# c¦  # c¦word¦  word¦- a¦  - a: b¦---¦...¦"open')) },
);
const text = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 5 }), fc.constantFrom('', '\n'))
  .map(([lines, end]) => lines.join('\n') + end);

/** Of every key, and of keys that are not there. */
const pathsOf = (value: unknown, path: readonly string[] = []): (readonly string[])[] => [
  path,
  [...path, 'absent', 'x'],
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, item]) => pathsOf(item, [...path, name]))
    : []),
];

describe('the fast reading of simple documents', () => {
  it('agrees with the parser wherever it gives an answer, lines included', () => {
    let answers = 0;
    fc.assert(
      fc.property(text, (yaml) => {
        const simple = readSimpleYaml(yaml);
        if (simple === undefined) return;
        answers++;
        const { documents, problems } = atOnce(readYamlText(yaml, limits, 0));
        expect(problems).toEqual([]);
        expect(documents).toHaveLength(1);
        expect(simple.value).toEqual(documents[0]!.value);
        expect(Object.keys(simple.value)).toEqual(Object.keys(documents[0]!.value as object));
        expect(simple.skippedLines + 1).toBe(documents[0]!.line);
      }),
      { numRuns: 3000 },
    );
    // Else the property would hold of nothing.
    expect(answers).toBeGreaterThan(100);
  });

  it('tells the line of each key as the parser does', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('', '\n# c\n\n'), (yaml, before) => {
        const simple = readSimpleYaml(before + yaml);
        if (simple === undefined) return;
        const [cut, one] = [
          atOnce(readYaml(before + yaml, limits)),
          atOnce(readYamlText(before + yaml, limits, 0)),
        ];
        const [fast, slow] = [cut.documents[0]!, one.documents[0]!];
        for (const path of pathsOf(simple.value))
          expect([path, fast.lineOf(path)]).toEqual([path, slow.lineOf(path)]);
      }),
      { numRuns: 300 },
    );
  });

  it('of a file cut at its --- lines gives the documents that the parser finds in the whole', () => {
    const whole = fc.array(text, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('\n---\n'));
    fc.assert(
      fc.property(whole, (yaml) => {
        const [cut, one] = [atOnce(readYaml(yaml, limits)), atOnce(readYamlText(yaml, limits, 0))];
        fc.pre(one.problems.length === 0);
        expect(cut.problems).toEqual([]);
        expect(cut.documents.map(({ value, line: at }) => [value, at])).toEqual(
          one.documents.map(({ value, line: at }) => [value, at]),
        );
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ['apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels:\n    a.b/c: "d e"\ndata:\n'],
    ['# first\n\na:\n    b: c\n    d:\n      e: 5\nf: on\n'],
  ])('is given for a text as people write it: %j', (yaml) => {
    expect(readSimpleYaml(yaml)).toBeDefined();
  });
});
