import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from './paths.mjs';

const text = readFileSync(path.join(root, 'docs/security.md'), 'utf8').replaceAll(/\s+/g, ' ');

/** Each `file` with the names that follow it: `file` › name › name */
function citations(): { file: string; names: string[] }[] {
  return [...text.matchAll(/`((?:apps|libs|tools)\/[^`]+)`((?: › [^›`]+)*)/g)].map(
    ([, file = '', names = '']) => ({
      file,
      names: names
        .split(' › ')
        .slice(1)
        .map((name) => name.trim()),
    }),
  );
}

describe('the proofs that docs/security.md cites', () => {
  it('are there: every file, and every test by its name', () => {
    const cited = citations();
    expect(cited.length).toBeGreaterThan(60);
    const missing = cited.flatMap(({ file, names }) => {
      const where = path.join(root, file);
      if (!existsSync(where)) return [file];
      if (names.length === 0) return [];
      const tests = readFileSync(where, 'utf8');
      // What follows the mark that ends the last name is prose.
      return names
        .filter((name) => !startsOf(name).some((start) => isTested(tests, start)))
        .map((name) => `${file} › ${name}`);
    });
    expect(missing).toEqual([]);
  });
});

/** The name as it stands, and cut at each mark that may end it, the longest first. */
function startsOf(name: string): string[] {
  const stops = [...name.matchAll(/[.;)]/g)].map(({ index }) => name.slice(0, index));
  return [name, ...stops.reverse()];
}

function isTested(tests: string, name: string): boolean {
  return ["'", '"', '`'].some((quote) => tests.includes(`${quote}${name}${quote}`));
}
