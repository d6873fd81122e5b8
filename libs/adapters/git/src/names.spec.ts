import { describe, expect, it } from '@jest/globals';
import { checkBranch, checkCommit, checkFolder } from './names.js';

describe('names that go to git', () => {
  it.each(['main', 'feature/a-b_c.d', 'v1.2', 'ünïcode', 'a@b', '+a'])('takes the branch %p', (branch) => {
    expect(checkBranch(branch)).toBe(branch);
  });

  it.each([
    '',
    '-rf',
    '--all',
    'a..b',
    'a b',
    'a\nb',
    'a*',
    'a?',
    'a[b',
    'a:b',
    'a^',
    'a~1',
    'a\\b',
    '/a',
    'a/',
    'a//b',
    '.a',
    'a/.b',
    'a.',
    'a.lock',
    'a.lock/b',
    '@',
    'a@{0}',
    'x'.repeat(245),
  ])('refuses the branch %p', (branch) => {
    expect(() => checkBranch(branch)).toThrow('not the name of a branch');
  });

  it('knows full shas of both kinds only', () => {
    expect(checkCommit('a'.repeat(40))).toBe('sha1');
    expect(checkCommit('a'.repeat(64))).toBe('sha256');
    for (const commit of ['HEAD', 'A'.repeat(40), 'a'.repeat(39), `${'a'.repeat(40)}\n`, '--all']) {
      expect(() => checkCommit(commit)).toThrow('full sha');
    }
  });

  it.each([
    ['.', ''],
    ['', ''],
    ['./a/b/', 'a/b'],
    ['a//b', 'a/b'],
    ['-rf', '-rf'],
    ['with space', 'with space'],
  ])('reads the folder %p as %p', (folder, expected) => {
    expect(checkFolder(folder)).toBe(expected);
  });

  it.each(['..', 'a/../b', '/etc', 'a\\b', 'a\nb', 'a\0', 'x'.repeat(1025)])(
    'refuses the folder %p',
    (folder) => {
      expect(() => checkFolder(folder)).toThrow('spec.path');
    },
  );
});
