import { describe, expect, it } from '@jest/globals';
import { defaultGitLimits, type GitLimits } from './options.js';
import { TreeSorter } from './tree-entries.js';

const sha = 'a'.repeat(40);
const line = (name: string | Buffer, mode = '100644', size = '12'): Buffer =>
  Buffer.concat([
    Buffer.from(`${mode} ${mode === '160000' ? 'commit' : 'blob'} ${sha} ${size.padStart(7)}\t`),
    Buffer.from(name),
    Buffer.from([0]),
  ]);

const sort = (
  output: Buffer,
  {
    folder = '',
    limits = {},
    step = output.length,
  }: { folder?: string; limits?: Partial<GitLimits>; step?: number } = {},
) => {
  const sorter = new TreeSorter(folder, { ...defaultGitLimits, ...limits });
  let isOpen = true;
  for (let at = 0; at < output.length && isOpen; at += step)
    isOpen = sorter.add(output.subarray(at, at + step));
  const { entries, problems } = sorter.finish();
  return {
    paths: entries.map(({ path }) => path),
    problems: problems.map(({ code, file }) => `${code} ${file}`),
    isOpen,
  };
};

describe('entries of a tree', () => {
  it('takes manifests, wherever they are, and leaves other files alone', () => {
    const names = [
      'a.yaml',
      'b.yml',
      'c.json',
      'README.md',
      'd/e/f.yaml',
      'yaml',
      'x.yaml.bak',
      '-rf',
      '-rf.yaml',
      'ä.yaml',
      'A.YAML',
    ];
    expect(sort(Buffer.concat(names.map((name) => line(name)))).paths).toEqual([
      'a.yaml',
      'b.yml',
      'c.json',
      'd/e/f.yaml',
      '-rf.yaml',
      'ä.yaml',
    ]);
  });

  it('reads names whole however the output is cut', () => {
    const output = Buffer.concat(['ä/a.yaml', 'ö.json', 'c.yml'].map((name) => line(name)));
    for (const step of [1, 2, 7, 50])
      expect(sort(output, { step }).paths).toEqual(['ä/a.yaml', 'ö.json', 'c.yml']);
  });

  it('puts the folder in front of names', () => {
    expect(sort(line('a.yaml'), { folder: 'deploy/prod' }).paths).toEqual(['deploy/prod/a.yaml']);
  });

  it('leaves dot-folders and dot-files alone, and links in them', () => {
    const output = Buffer.concat([
      line('.github/a.yaml'),
      line('a/.b/c.yaml'),
      line('.d.yaml'),
      line('.e/f', '120000'),
    ]);
    expect(sort(output)).toEqual({ paths: [], problems: [], isOpen: true });
  });

  it('names links and submodules, executables are files', () => {
    const output = Buffer.concat([
      line('a.yaml', '120000'),
      line('b', '120000'),
      line('sub', '160000', '-'),
      line('run.yaml', '100755'),
    ]);
    expect(sort(output)).toMatchObject({
      paths: ['run.yaml'],
      problems: ['LINK_REFUSED a.yaml', 'LINK_REFUSED b', 'SUBMODULE_REFUSED sub'],
    });
  });

  it.each([
    ['..', 'a/../b.yaml'],
    ['a newline', 'a\nb.yaml'],
    ['an escape', 'a\u001b[2J.yaml'],
    ['a backslash', 'a\\b.yaml'],
    ['no UTF-8', Buffer.from([0x61, 0xff, 0x2e, 0x79, 0x6d, 0x6c])],
    ['an empty folder name', 'a//b.yaml'],
    ['a control character of terminals beyond ASCII', 'a\u009b2J.yaml'],
    ['a character that turns the text after it', 'a\u202elmay.yaml'],
    ['an isolate of direction', 'a\u2066b.yaml'],
    ['a mark of direction', 'a\u200fb.yaml'],
    ['a separator of lines', 'a\u2028b.yaml'],
    ['more characters than a path has', `${'a/'.repeat(600)}b.yaml`],
  ])('refuses names with %s, and shows them harmlessly', (_what, name) => {
    const { paths, problems } = sort(line(name));
    expect(paths).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^PATH_REFUSED [ -~]+$/);
  });

  it('takes names in every script, joiners included', () => {
    const names = ['日本.yaml', 'می\u200cخواهم.yaml', '👩\u200d🔧.yaml'];
    expect(sort(Buffer.concat(names.map((name) => line(name)))).paths).toEqual(names);
  });

  it('refuses a file that is too large, and reads on', () => {
    const output = Buffer.concat([line('big.yaml', '100644', '13'), line('ok.yaml')]);
    expect(sort(output, { limits: { fileBytes: 12 } })).toEqual({
      paths: ['ok.yaml'],
      problems: ['FILE_TOO_LARGE big.yaml'],
      isOpen: true,
    });
  });

  it('cuts no character in two, and reports a thousand files at most', () => {
    const [long, links] = [`x${'🔑'.repeat(600)}.yaml`, Array.from({ length: 1100 }, (_, at) => `l${at}`)];
    expect(sort(line(long)).problems).toEqual([`PATH_REFUSED x${'🔑'.repeat(511)}`]);
    expect(sort(Buffer.concat(links.map((name) => line(name, '120000')))).problems).toHaveLength(1000);
  });

  it.each([1, 100, 9_000, 100_000])(
    'stops at a name that is too long before the rest of it has come, in chunks of %d bytes',
    (step) => {
      const output = Buffer.concat([line('a.yaml'), line(`b${'\u202e'.repeat(30_000)}`), line('c.yaml')]);
      const sorter = new TreeSorter('f', defaultGitLimits);
      let read = 0;
      while (read < output.length && sorter.add(output.subarray(read, read + step))) read += step;
      const { entries, problems } = sorter.finish();
      expect(read).toBeLessThan(10_000);
      expect(entries.map(({ path }) => path)).toEqual(['f/a.yaml']);
      expect(problems.map(({ code, file }) => `${code} ${file}`)).toEqual([
        `PATH_REFUSED f/b${'?'.repeat(199)}`,
      ]);
    },
  );

  it('counts bytes although an object is damaged and has no size', () => {
    const output = Buffer.concat([line('a.yaml', '100644', 'BAD'), line('b.yaml'), line('c.yaml')]);
    expect(sort(output, { limits: { totalBytes: 20 } }).problems).toEqual(['TREE_TOO_LARGE ']);
  });

  it.each<[string, Partial<GitLimits>, string]>([
    ['entries', { entries: 2 }, 'TOO_MANY_FILES'],
    ['manifests', { files: 2 }, 'TOO_MANY_FILES'],
    ['bytes', { totalBytes: 30 }, 'TREE_TOO_LARGE'],
  ])('stops when there are too many %s', (_what, limits, code) => {
    const output = Buffer.concat(['a.yaml', 'b.yaml', 'c.yaml', 'd.yaml'].map((name) => line(name)));
    expect(sort(output, { folder: 'f', limits })).toMatchObject({ problems: [`${code} f`], isOpen: false });
  });
});
