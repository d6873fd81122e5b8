import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  classOfProblems,
  formatPath,
  problemAt,
  problemClasses,
  quote,
  sortProblems,
  warningCodes,
} from './problems.js';

const at = (file: string, line: number, code: keyof typeof problemClasses) =>
  problemAt({ file, line }, code, 'message');

describe('problems of a commit', () => {
  it('come in the order of a reader: by file, then by line', () => {
    const sorted = sortProblems([at('b', 1, 'SYNTAX'), at('a', 10, 'SYNTAX'), at('a', 9, 'SYNTAX')]);
    expect(sorted.map(({ file, line }) => `${file}:${line}`)).toEqual(['a:9', 'a:10', 'b:1']);
  });

  it('may pass without a commit only when all of them may', () => {
    expect(classOfProblems([at('a', 1, 'PLAN_NOT_FOUND'), at('a', 2, 'QUOTA_EXCEEDED')])).toBe('missing');
    expect(classOfProblems([at('a', 1, 'PLAN_NOT_FOUND'), at('a', 2, 'SYNTAX')])).toBe('mistake');
    expect(classOfProblems([{ ...at('a', 1, 'SYNTAX'), code: 'toString' }])).toBe('mistake');
    expect(classOfProblems([])).toBe('mistake');
  });

  it('show paths as people write them, and texts of a commit on one short line', () => {
    expect(formatPath(['spec', 'endpoints', 0, 'name'])).toBe('spec.endpoints[0].name');
    expect(quote(`a\n"${'x'.repeat(100)}`)).toBe(`"a\\n\\"${'x'.repeat(77)}…"`);
  });

  it('show nothing that steers a terminal, or turns the text around it', () => {
    for (const hostile of [
      '\0',
      '\u001b[2J',
      '\u007f',
      '\u0085',
      '\u009b2J',
      '\u200e',
      '\u202e',
      '\u2066',
      '\u2028',
    ]) {
      const { file, message } = problemAt({ file: `a${hostile}`, line: 1 }, 'SYNTAX', `x ${hostile} y`);
      const long = problemAt({ file: 'a', line: 1 }, 'SYNTAX', hostile.repeat(3_000)).message;
      for (const shown of [quote(`a${hostile}b`), file, message, long]) {
        expect(shown).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
      }
      expect(long).toHaveLength(2_001);
    }
  });

  it('are all explained to users, each with whether it may pass', () => {
    const text = readFileSync(new URL('../../../../docs/spec/repository.md', import.meta.url), 'utf8');
    const explained = [...text.matchAll(/^\| `([A-Z0-9_]+)`( ↻)? /gm)]
      .map(([, code = '', sign]) => [code, sign === undefined ? 'mistake' : 'missing'] as const)
      .filter(([code]) => !code.startsWith('GIT_') && !warningCodes.some((warning) => warning === code));
    expect(Object.fromEntries(explained)).toEqual(problemClasses);
  });
});
