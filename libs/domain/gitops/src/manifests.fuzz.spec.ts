import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { refKey, refOf, type KubeObject } from '@samband/resources';
import { stringify } from 'yaml';
import { applied, owner } from './example.fixtures.js';
import { goodObjects } from './good.fixtures.js';
import { hostileText, mutated } from './hostile.fixtures.js';
import { judgeQuota } from './judge-quota.js';
import { parseManifests } from './parse-manifests.js';
import { planChanges } from './plan-changes.js';
import type { GitFile, Problem } from './ports.js';
import { problemClasses, warningCodes } from './problems.js';
import { validateDocuments } from './validate-documents.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const live = new Map(goodObjects.map((object) => [refKey(refOf(object)), applied(object)] as const));

/** Everything that a rollout thinks about a commit before it asks the API server. */
function judge(files: readonly GitFile[]): {
  problems: Problem[];
  warnings: readonly Problem[];
  objects: KubeObject[];
} {
  const parsed = parseManifests(files, { defaultNamespace: 'team1' });
  const input = { documents: parsed.documents, live, inventory: new Map(), lastGood: [], owner, prune: true };
  const validation = validateDocuments(parsed.documents, input);
  const plan = planChanges({ ...input, sha256 });
  const problems = [...parsed.problems, ...validation.problems, ...plan.problems];
  if (problems.length === 0) problems.push(...judgeQuota(parsed.documents, validation.end));
  return { problems, warnings: validation.warnings, objects: parsed.documents.map(({ object }) => object) };
}

const halfCharacter = /\p{Surrogate}/u;
const steering = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;
const warnings: ReadonlySet<string> = new Set(warningCodes);

function expectSound(found: readonly Problem[], files: readonly GitFile[]): void {
  for (const { file, line, code, message, resource } of found) {
    expect(files.map(({ path }) => path)).toContain(file);
    expect(Number.isInteger(line)).toBe(true);
    expect(line).toBeGreaterThanOrEqual(1);
    expect(Object.hasOwn(problemClasses, code) || warnings.has(code)).toBe(true);
    expect(message).not.toBe('');
    expect(message.length).toBeLessThanOrEqual(8_192);
    expect(message + resource).not.toMatch(halfCharacter);
    expect(message + resource).not.toMatch(steering);
  }
}

const write = fc.constantFrom<(value: unknown) => GitFile>(
  (value) => ({ path: 'a.json', text: JSON.stringify(value) }),
  (value) => ({ path: 'a.yaml', text: JSON.stringify(value, undefined, '\t') }),
  (value) => ({ path: 'a.yaml', text: stringify(value, { aliasDuplicateObjects: false }) }),
);
const file = fc.tuple(mutated(goodObjects), write).map(([object, render]) => render(object));

describe('a commit of manifests of which some are bad', () => {
  it('is judged, whatever stands in any field', () => {
    fc.assert(
      fc.property(file, (one) => {
        const { problems, warnings: told, objects } = judge([one]);
        expectSound([...problems, ...told], [one]);
        // An escape of half a character would come back from the API server as another text.
        expect(JSON.stringify(objects)).not.toMatch(/\\ud[89a-f]/);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });

  it('is judged, whatever is done to its text', () => {
    const scrap = fc.oneof(
      fc.constantFrom(
        '---\n',
        '...\n',
        '&a ',
        '*a',
        '<<: *a\n',
        '!!js/function ',
        '!!binary ',
        '? ',
        ': ',
        '|\n',
        '>-\n',
        '%YAML 1.1\n',
      ),
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '\\',
        '\t',
        '\n',
        '\r\n',
        ' ',
        '#',
        ',',
        '- ',
        '\ufeff',
        '\0',
        '\u2028',
        '__proto__: ',
      ),
      hostileText,
    );
    const edit = fc.tuple(fc.nat(100_000), fc.nat(12), scrap);
    fc.assert(
      fc.property(file, fc.array(edit, { minLength: 1, maxLength: 4 }), ({ path, text }, edits) => {
        const changed = edits.reduce((now, [place, removed, added]) => {
          const at = place % (now.length + 1);
          return now.slice(0, at) + added + now.slice(at + removed);
        }, text);
        const one = { path, text: changed };
        const { problems, warnings: told } = judge([one]);
        expectSound([...problems, ...told], [one]);
        for (const { line } of problems) expect(line).toBeLessThanOrEqual(changed.split('\n').length + 1);
      }),
    );
  });

  it('has the problems of each, whatever is wrong with the others', () => {
    const wrong = {
      path: 'z.yaml',
      text: 'apiVersion: enmasse.io/v1beta1\nkind: Address\nmetadata: {name: app.z}\nspec: {address: a b}\n',
    };
    const own = ['z.yaml:4 FIELD_INVALID', 'z.yaml:4 FIELD_INVALID', 'z.yaml:4 FIELD_INVALID'];
    fc.assert(
      fc.property(fc.array(file, { maxLength: 4 }), (files) => {
        const others = files.map(({ path, text }, index) => ({ path: `${index}-${path}`, text }));
        const found = judge([...others, wrong]).problems.map((one) => `${one.file}:${one.line} ${one.code}`);
        expect(found.filter((one) => own.includes(one))).toEqual(own);
      }),
    );
  });
});
