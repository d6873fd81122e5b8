import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRepository } from './repository.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'samband-demo-'));
  mkdirSync(path.join(folder, 'content'));
  writeFileSync(path.join(folder, 'content/a.yaml'), 'a');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a repository of the demo', () => {
  it('is empty until the first push, then holds what was pushed', async () => {
    const repository = await createRepository(folder, 'team', path.join(folder, 'content'));
    const bare = fileURLToPath(repository.url);
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', bare, ...args], { encoding: 'utf8' }).trim();
    expect(git('branch', '--list')).toBe('');
    const first = await repository.push('First');
    expect(first.before).toMatch(/^0{40}$/);
    expect(git('rev-parse', 'main')).toBe(first.after);

    await repository.write('b/c.yaml', 'c');
    await repository.remove('a.yaml');
    const second = await repository.push('Second');
    expect(second.before).toBe(first.after);
    expect(git('ls-tree', '-r', '--name-only', 'main')).toBe('b/c.yaml');
  });

  it('begins anew where an earlier demo left one', async () => {
    await (await createRepository(folder, 'team', path.join(folder, 'content'))).push('Old');
    const again = await createRepository(folder, 'team', path.join(folder, 'content'));
    expect((await again.push('New')).before).toMatch(/^0{40}$/);
  });
});
