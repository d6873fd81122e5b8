import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { GitRemote, GitRepository } from '@samband/gitops';
import { eventually } from '@samband/testing';
import { createGitRepository } from './git-repository.js';
import type { GitOptions } from './options.js';
import {
  createTestRepository,
  isRunning,
  tempFolder,
  type TestRepository,
} from './test-repository.fixtures.js';

let folder: ReturnType<typeof tempFolder>;
let origin: TestRepository;
let remote: GitRemote;

const open = (options: Partial<GitOptions> = {}): GitRepository =>
  createGitRepository({
    cacheDir: path.join(folder.dir, 'cache'),
    allowFile: true,
    allowedHosts: [],
    ...options,
  });

const problemsOf = async (
  commit: string,
  options?: Partial<GitOptions>,
  place: Partial<GitRemote> = {},
): Promise<string[]> =>
  (await open(options).read({ ...remote, ...place }, commit)).problems.map(
    ({ code, file }) => `${code} ${file}`,
  );

beforeEach(() => {
  folder = tempFolder();
  origin = createTestRepository(path.join(folder.dir, 'origin.git'));
  remote = { url: origin.url, branch: 'main', path: '.' };
});
afterEach(() => {
  folder.remove();
});

describe('reading a repository', () => {
  it('gives the head, and the manifests of that commit with their author', async () => {
    const commit = origin.commit({
      'a.yaml': 'a: ä\n',
      'deep/er/b.json': '{}',
      'README.md': 'no',
      '.github/c.yaml': 'no',
    });
    const git = open();
    expect(await git.head(remote)).toBe(commit);
    expect(await git.read(remote, commit)).toEqual({
      commit,
      author: 'Ada <ada@example.com>',
      subject: 'Change a.yaml deep/er/b.json README.md .github/c.yaml',
      files: [
        { path: 'a.yaml', text: 'a: ä\n' },
        { path: 'deep/er/b.json', text: '{}' },
      ],
      problems: [],
    });
  });

  it('reads one folder, whatever lies beside it', async () => {
    const commit = origin.commit({
      'a.yaml': '1',
      'deploy/b.yaml': '2',
      'deploy-2/c.yaml': '3',
      '-rf/d.yaml': '4',
      '-rf.yaml': '5',
    });
    const paths = async (place: string): Promise<string[]> =>
      (await open().read({ ...remote, path: place }, commit)).files.map((file) => file.path);
    expect(await paths('deploy')).toEqual(['deploy/b.yaml']);
    expect(await paths('./deploy/')).toEqual(['deploy/b.yaml']);
    expect(await paths('-rf')).toEqual(['-rf/d.yaml']);
    expect(await paths('.')).toContain('-rf.yaml');
  });

  it('follows the branch, and reads each commit as it was', async () => {
    const git = open();
    const first = origin.commit({ 'a.yaml': '1' });
    await git.read(remote, first);
    const second = origin.commit({ 'a.yaml': '2' });
    expect(await git.head(remote)).toBe(second);
    expect((await git.read(remote, second)).files).toEqual([{ path: 'a.yaml', text: '2' }]);
    expect((await git.read(remote, first)).files).toEqual([{ path: 'a.yaml', text: '1' }]);
  });

  it('reads a commit that is no longer the head', async () => {
    const first = origin.commit({ 'a.yaml': '1' });
    origin.commit({ 'a.yaml': '2' });
    origin.commit({ 'a.yaml': '3' });
    expect((await open().read(remote, first)).files).toEqual([{ path: 'a.yaml', text: '1' }]);
  });

  it('reads what was pushed over by force, and its successor', async () => {
    const git = open();
    const first = origin.commit({ 'a.yaml': '1' });
    const forced = origin.commit({ 'a.yaml': 'forced' }, { isOrphan: true });
    expect(await git.head(remote)).toBe(forced);
    expect((await git.read(remote, forced)).files).toEqual([{ path: 'a.yaml', text: 'forced' }]);
    expect((await git.read(remote, first)).files).toEqual([{ path: 'a.yaml', text: '1' }]);
  });

  it('reads repositories whose object names are SHA-256', async () => {
    origin = createTestRepository(path.join(folder.dir, 'sha256.git'), 'sha256');
    const commit = origin.commit({ 'a.yaml': '1' });
    expect(commit).toHaveLength(64);
    const git = open();
    expect(await git.head({ ...remote, url: origin.url })).toBe(commit);
    expect((await git.read({ ...remote, url: origin.url }, commit)).files).toHaveLength(1);
  });

  it('reads again from its cache without the remote', async () => {
    const commit = origin.commit({ 'a.yaml': '1' });
    const git = open();
    await git.read(remote, commit);
    rmSync(origin.dir, { recursive: true });
    expect((await open().read(remote, commit)).files).toHaveLength(1);
  });

  it('begins anew when somebody emptied its cache', async () => {
    const commit = origin.commit({ 'a.yaml': '1' });
    const git = open();
    await git.read(remote, commit);
    rmSync(path.join(folder.dir, 'cache'), { recursive: true });
    expect(await git.head(remote)).toBe(commit);
    expect((await git.read(remote, commit)).files).toHaveLength(1);
  });

  it('reads for many at once', async () => {
    const commits = ['1', '2', '3', '4'].map((text) => origin.commit({ 'a.yaml': text }));
    const [one, two] = [open(), open()];
    const trees = await Promise.all(
      commits.flatMap((commit) => [one.read(remote, commit), two.read(remote, commit)]),
    );
    expect(trees.map(({ files }) => files[0]?.text)).toEqual(['1', '1', '2', '2', '3', '3', '4', '4']);
  });

  it('leaves no work tree, no credentials and no lock behind', async () => {
    await open().read(remote, origin.commit({ 'a.yaml': '1' }));
    const names = readdirSync(path.join(folder.dir, 'cache')).sort();
    expect(names).toEqual([expect.stringMatching(/^[0-9a-f]{40}\.git$/), 'gitconfig', 'key']);
  });
});

describe('what a tree may hold against us', () => {
  it('comes as problems: links, submodules, pointers of LFS, bytes that are no text', async () => {
    const target = origin.git(['hash-object', '-w', '--stdin'], '/etc/passwd');
    const commit = origin.commit(
      {
        'ok.yaml': 'a: 1\n',
        'lfs.yaml': 'version https://git-lfs.github.com/spec/v1\n',
        'latin1.yaml': Buffer.from([0x61, 0x3a, 0x20, 0xe4]),
        '.gitmodules': '[submodule "sub"]\n\tpath = sub\n\turl = ext::sh -c id\n',
        '.gitattributes': '*.yaml filter=evil\n',
      },
      { entries: [`120000 ${target}\tlink.yaml`, `160000 ${'1'.repeat(40)}\tsub`] },
    );
    expect(await problemsOf(commit)).toEqual([
      'NOT_UTF8 latin1.yaml',
      'LFS_POINTER_REFUSED lfs.yaml',
      'LINK_REFUSED link.yaml',
      'SUBMODULE_REFUSED sub',
    ]);
  });

  it('comes as problems: names that no work tree could hold', async () => {
    const blob = origin.git(['hash-object', '-w', '--stdin'], 'a: 1\n');
    const inner = origin.git(['mktree', '-z'], Buffer.from(`100644 blob ${blob}\tpasswd.yaml\0`));
    const commit = origin.commit(
      {},
      {
        tree: [
          Buffer.from(`040000 tree ${inner}\t..`),
          Buffer.from(`100644 blob ${blob}\ta\nb.yaml`),
          Buffer.concat([Buffer.from(`100644 blob ${blob}\t`), Buffer.from([0xff, 0x2e, 0x79, 0x6d, 0x6c])]),
          Buffer.from(`100644 blob ${blob}\tok.yaml`),
        ],
      },
    );
    const tree = await open().read(remote, commit);
    expect(tree.files.map((file) => file.path)).toEqual(['ok.yaml']);
    expect(tree.problems.map(({ code }) => code)).toEqual(['PATH_REFUSED', 'PATH_REFUSED', 'PATH_REFUSED']);
    expect(tree.problems.map(({ file }) => file).join('')).toMatch(/^[ -~]+$/);
  });

  it('is not followed through a link to the folder itself', async () => {
    const target = origin.git(['hash-object', '-w', '--stdin'], '..');
    const commit = origin.commit({ 'a.yaml': '1' }, { entries: [`120000 ${target}\tdeploy`] });
    expect(await problemsOf(commit, {}, { path: 'deploy' })).toEqual(['PATH_NOT_FOUND deploy']);
    expect(await problemsOf(commit, {}, { path: 'a.yaml' })).toEqual(['PATH_NOT_FOUND a.yaml']);
    expect(await problemsOf(commit, {}, { path: 'nope' })).toEqual(['PATH_NOT_FOUND nope']);
  });

  it('is not read beyond its limits', async () => {
    const commit = origin.commit({ 'big.yaml': 'x'.repeat(2000), 'small.yaml': 'x', 'other.txt': 'x' });
    expect(await problemsOf(commit, { limits: { fileBytes: 1000 } })).toEqual(['FILE_TOO_LARGE big.yaml']);
    expect(await problemsOf(commit, { limits: { totalBytes: 1000 } })).toEqual(['TREE_TOO_LARGE ']);
    expect(await problemsOf(commit, { limits: { files: 1 } })).toEqual(['TOO_MANY_FILES ']);
    expect(await problemsOf(commit, { limits: { entries: 2 } })).toEqual(['TOO_MANY_FILES ']);
  });

  it('does not run hooks or filters of the serving repository or of this machine', async () => {
    const mark = path.join(folder.dir, 'ran');
    const script = `#!/bin/sh\ntouch ${mark}\n`;
    const hooks = path.join(origin.dir, 'hooks');
    mkdirSync(hooks, { recursive: true });
    for (const name of ['post-checkout', 'reference-transaction', 'post-index-change', 'pre-auto-gc']) {
      writeFileSync(path.join(hooks, name), script);
      chmodSync(path.join(hooks, name), 0o755);
    }
    writeFileSync(path.join(folder.dir, 'evil'), script, { mode: 0o755 });
    origin.git(['config', 'core.fsmonitor', path.join(folder.dir, 'evil')]);
    origin.git(['config', 'uploadpack.packObjectsHook', path.join(folder.dir, 'evil')]);
    const commit = origin.commit({ 'a.yaml': '1' });
    rmSync(mark, { force: true });
    const git = open();
    await git.head(remote);
    await git.read(remote, commit);
    expect(existsSync(mark)).toBe(false);
  });
});

describe('what goes wrong', () => {
  it.each<[string, (commit: string) => Promise<unknown>, string]>([
    ['a branch that is not there', () => open().head({ ...remote, branch: 'nope' }), 'GIT_REF_NOT_FOUND'],
    [
      'a branch that is an option',
      () => open().head({ ...remote, branch: '--upload-pack=touch /tmp/x' }),
      'GIT_REF_NOT_FOUND',
    ],
    [
      'a branch that only ends like one',
      () => open().head({ ...remote, branch: 'ain' }),
      'GIT_REF_NOT_FOUND',
    ],
    ['a commit that was never there', () => open().read(remote, '0'.repeat(40)), 'GIT_COMMIT_NOT_FOUND'],
    [
      'a commit that is a tree',
      (commit) => open().read(remote, origin.git(['rev-parse', `${commit}^{tree}`])),
      'GIT_COMMIT_NOT_FOUND',
    ],
    [
      'a repository that is not there',
      () => open().head({ ...remote, url: `file://${folder.dir}/nope` }),
      'GIT_UNAVAILABLE',
    ],
    ['a file where none is allowed', () => open({ allowFile: false }).head(remote), 'GIT_URL_REFUSED'],
    ['a folder outside', (commit) => open().read({ ...remote, path: '../..' }, commit), 'GIT_URL_REFUSED'],
    ['a machine without git', () => open({ gitBinary: 'no-such-git' }).head(remote), 'GIT_UNAVAILABLE'],
  ])('says so: %s', async (_what, call, code) => {
    await expect(call(origin.commit({ 'a.yaml': '1' }))).rejects.toMatchObject({ code });
  });

  it('tells a branch that was deleted from a commit that is still there', async () => {
    const commit = origin.commit({ 'a.yaml': '1' });
    origin.commit({ 'b.yaml': '1' }, { branch: 'other' });
    origin.git(['update-ref', '-d', 'refs/heads/main']);
    await expect(open().head(remote)).rejects.toMatchObject({ code: 'GIT_REF_NOT_FOUND' });
    expect((await open().read(remote, commit)).files).toHaveLength(1);
  });

  it('refuses a commit that brings more than it may', async () => {
    const commit = origin.commit({ 'a.yaml': '1', 'noise.bin': randomBytes(300_000) });
    const git = open({ limits: { fetchBytes: 100_000 } });
    await expect(git.read(remote, commit)).rejects.toMatchObject({ code: 'GIT_TOO_LARGE' });
    await expect(git.read(remote, commit)).rejects.toMatchObject({ code: 'GIT_TOO_LARGE' });
  });

  it('stops a fetch that brings more than it may while it goes on', async () => {
    const commit = origin.commit({ 'a.yaml': '1', 'noise.bin': randomBytes(300_000) });
    // What ends only when it is killed, well after the pack has come.
    const slow = path.join(folder.dir, 'slow-git');
    writeFileSync(slow, '#!/bin/sh\ngit "$@"\ncode=$?\n[ "$1" = fetch ] && exec sleep 300\nexit $code\n', {
      mode: 0o755,
    });
    const git = open({ gitBinary: slow, limits: { fetchBytes: 100_000 } });
    await expect(git.read(remote, commit)).rejects.toMatchObject({ code: 'GIT_TOO_LARGE' });
  });

  it('ends in time, with everything it started', async () => {
    const marker = path.join(folder.dir, 'child');
    const hanging = path.join(folder.dir, 'hanging-git');
    writeFileSync(hanging, `#!/bin/sh\nsleep 300 &\necho $! > ${marker}\nwait\n`, { mode: 0o755 });
    const git = open({ gitBinary: hanging, limits: { remoteTimeoutMs: 500 } });
    await expect(git.head(remote)).rejects.toMatchObject({ code: 'GIT_TIMEOUT' });
    const pid = Number(readFileSync(marker, 'utf8'));
    await eventually(() => !isRunning(pid));
  });

  it('stops when it is told to, with the reason it was given', async () => {
    const hanging = path.join(folder.dir, 'hanging-git');
    writeFileSync(hanging, '#!/bin/sh\nexec sleep 300\n', { mode: 0o755 });
    const stop = new AbortController();
    const call = open({ gitBinary: hanging }).head(remote, { signal: stop.signal });
    stop.abort(new Error('the worker is shutting down'));
    await expect(call).rejects.toThrow('the worker is shutting down');
    await expect(open().head(remote, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
      'before',
    );
  });

  it('mends a cache that a kill left half done', async () => {
    const git = open();
    const first = origin.commit({ 'a.yaml': '1' });
    await git.read(remote, first);
    const [name = ''] = readdirSync(path.join(folder.dir, 'cache')).filter((entry) => entry.endsWith('.git'));
    const cache = path.join(folder.dir, 'cache', name);
    for (const file of ['shallow.lock', 'refs/samband/last.lock', 'objects/pack/tmp_pack_x']) {
      writeFileSync(path.join(cache, file), '');
    }
    writeFileSync(`${cache}.lock`, JSON.stringify({ pid: 999_999_999, startTime: '1@gone', token: 'gone' }));
    const second = origin.commit({ 'a.yaml': '2' });
    expect((await git.read(remote, second)).files).toEqual([{ path: 'a.yaml', text: '2' }]);
    expect(existsSync(path.join(cache, 'objects/pack/tmp_pack_x'))).toBe(false);
  });

  it('makes a damaged cache anew', async () => {
    const git = open();
    const commit = origin.commit({ 'a.yaml': '1' });
    await git.read(remote, commit);
    const [name = ''] = readdirSync(path.join(folder.dir, 'cache')).filter((entry) => entry.endsWith('.git'));
    const packs = path.join(folder.dir, 'cache', name, 'objects/pack');
    for (const pack of readdirSync(packs).filter((entry) => entry.endsWith('.pack'))) {
      chmodSync(path.join(packs, pack), 0o600);
      const bytes = readFileSync(path.join(packs, pack));
      writeFileSync(path.join(packs, pack), bytes.fill(0, 12, bytes.length - 20));
    }
    const again = async (): Promise<string | undefined> => (await git.read(remote, commit)).files[0]?.text;
    await again().catch(() => undefined);
    expect(await again()).toBe('1');
  });
});
