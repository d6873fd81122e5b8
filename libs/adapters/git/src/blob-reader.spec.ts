import { describe, expect, it } from '@jest/globals';
import { BatchParser, toGitFile } from './blob-reader.js';
import { parseCommit } from './commit-info.js';

const entry = { path: 'a.yaml', sha: 'a', size: 1 };

describe('the output of cat-file --batch', () => {
  it('is cut into objects by their sizes, whatever they hold', () => {
    const parser = new BatchParser();
    const output = Buffer.from('aa blob 6\nx\nbb 1\ncc missing\ndd commit 0\n\n');
    for (const byte of output) parser.add(Buffer.from([byte]));
    expect(parser.finish()).toBe(true);
    expect(
      [...parser.blobs.values()].map(({ sha, type, content }) => [sha, type, content.toString()]),
    ).toEqual([
      ['aa', 'blob', 'x\nbb 1'],
      ['dd', 'commit', ''],
    ]);
  });

  it.each(['aa blob 9\nx\n', 'aa blob', 'aa blob x\nx\n', 'aa blob 1\nx'])(
    'is known to be cut short: %j',
    (output) => {
      const parser = new BatchParser();
      parser.add(Buffer.from(output));
      expect(parser.finish()).toBe(false);
    },
  );
});

describe('the text of a file', () => {
  it('is its bytes as UTF-8, byte order mark and carriage returns included', () => {
    expect(toGitFile(entry, Buffer.from('\ufeffä\r\n'))).toEqual({ path: 'a.yaml', text: '\ufeffä\r\n' });
  });

  it('is none when it is not UTF-8: the line says where', () => {
    const content = Buffer.concat([Buffer.from('a: 1\nb: '), Buffer.from([0xe4]), Buffer.from('\n')]);
    expect(toGitFile(entry, content)).toMatchObject({ code: 'NOT_UTF8', file: 'a.yaml', line: 2 });
  });

  it('is none when it is a pointer of Git LFS', () => {
    const content = Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n');
    expect(toGitFile(entry, content)).toMatchObject({ code: 'LFS_POINTER_REFUSED' });
  });
});

describe('a commit object', () => {
  it('tells author and subject', () => {
    const text =
      'tree 0\nauthor Ada <ada@example.com> 1700000000 +0100\ncommitter X <x@y> 1 +0000\n\nFirst line\n\nauthor Not <me> 1 +0000\n';
    expect(parseCommit(Buffer.from(text))).toEqual({
      author: 'Ada <ada@example.com>',
      subject: 'First line',
    });
  });

  it('is harmless when shown, whatever it holds', () => {
    const text = `author \u001b[31mA\u202eda <a> 1 +0000\n\n${'x'.repeat(500)}`;
    const { author, subject } = parseCommit(Buffer.from(text));
    expect(author).not.toMatch(/[\u001b\u202e]/);
    expect(subject).toHaveLength(200);
  });

  it('is cut without cutting a character in two', () => {
    const { subject } = parseCommit(Buffer.from(`tree a\n\nx${'🔑'.repeat(200)}`));
    expect(subject).toBe(`x${'🔑'.repeat(99)}`);
  });

  it('may be without author, message or sense', () => {
    expect(parseCommit(Buffer.from([0xff, 0, 10]))).toEqual({ author: '', subject: '' });
  });
});
