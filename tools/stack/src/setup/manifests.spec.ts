import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readManifests } from './manifests.js';

let repository: string;

beforeEach(() => {
  repository = mkdtempSync(path.join(tmpdir(), 'samband-manifests-'));
  mkdirSync(path.join(repository, 'infra/plans/brokered'), { recursive: true });
});

afterEach(() => {
  rmSync(repository, { recursive: true });
});

function write(name: string, text: string): void {
  writeFileSync(path.join(repository, 'infra', name), text);
}

describe('the manifests that a stack applies', () => {
  it('are all documents of all files, below folders too', () => {
    write('plans/a.yaml', 'kind: A\n---\nkind: B\n---\n');
    write('plans/brokered/c.yml', 'kind: C\n');
    write('plans/notes.md', 'kind: D\n');
    expect(readManifests(repository).parse().objects).toEqual([{ kind: 'A' }, { kind: 'B' }, { kind: 'C' }]);
  });

  it('have a digest that changes with any of them', () => {
    write('plans/a.yaml', 'kind: A\n');
    const { digest } = readManifests(repository);
    expect(readManifests(repository).digest).toBe(digest);
    write('plans/a.yaml', 'kind: A # changed\n');
    expect(readManifests(repository).digest).not.toBe(digest);
  });

  it('name the file that cannot be read', () => {
    write('plans/a.yaml', 'kind: [\n');
    expect(() => readManifests(repository).parse()).toThrow(/plans\/a\.yaml: /);
  });
});
