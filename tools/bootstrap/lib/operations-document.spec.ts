import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from './paths.mjs';

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** Names of the variables that a process reads: the fields of its schema. */
function readBy(app: string): string[] {
  const fields = read(`apps/${app}/src/config.ts`).matchAll(/^ +([A-Z][A-Z0-9_]+): (?:env|z\b)/gm);
  return [...fields].map(([, name = '']) => name).sort();
}

/** Names that the table below the heading of a process explains. */
function explainedFor(app: string): string[] {
  const [, section = ''] = read('docs/operations.md').split(`\n### ${app}\n`);
  const [table = ''] = section.split(/\n#/);
  return [...table.matchAll(/^\| `([A-Z0-9_]+)`/gm)].map(([, name = '']) => name).sort();
}

describe('the variables that docs/operations.md explains', () => {
  it.each(['api', 'worker', 'controller'])('are those that the %s reads, all of them', (app) => {
    expect(readBy(app).length).toBeGreaterThan(5);
    expect(explainedFor(app)).toEqual(readBy(app));
  });
});
