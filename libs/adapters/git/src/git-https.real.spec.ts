import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { GitCredentials, GitRemote, GitRepository } from '@samband/gitops';
import { createGitRepository } from './git-repository.js';
import { serveHttps, type GitHttpsOptions, type GitHttpsServer } from './https-server.fixtures.js';
import type { GitOptions } from './options.js';
import { createTestRepository, tempFolder, type TestRepository } from './test-repository.fixtures.js';

const LOGIN = 'robot:hünter2-secret';
const good: GitCredentials = { type: 'basic', username: 'robot', password: 'hünter2-secret' };
const bad: GitCredentials = { type: 'basic', username: 'robot', password: 'wr0ng-secret' };

let folder: ReturnType<typeof tempFolder>;
let origin: TestRepository;
let server: GitHttpsServer | undefined;

const serve = async (options: Partial<GitHttpsOptions> = {}): Promise<GitHttpsServer> => {
  server = await serveHttps({ root: folder.dir, ...options });
  writeFileSync(path.join(folder.dir, 'ca.pem'), server.ca);
  return server;
};
const open = (port: number, options: Partial<GitOptions> = {}): GitRepository =>
  createGitRepository({
    cacheDir: path.join(folder.dir, 'cache'),
    allowFile: false,
    allowedHosts: [`localhost:${port}`],
    caFile: path.join(folder.dir, 'ca.pem'),
    ...options,
  });
const remoteAt = (port: number, credentials?: GitCredentials): GitRemote => ({
  url: `https://localhost:${port}/origin.git`,
  branch: 'main',
  path: '.',
  ...(credentials === undefined ? {} : { credentials }),
});

beforeEach(() => {
  folder = tempFolder();
  origin = createTestRepository(path.join(folder.dir, 'origin.git'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  folder.remove();
});

describe('a repository over https with a CA of its own', () => {
  it('is read with the right credentials, which are found nowhere afterwards', async () => {
    const commit = origin.commit({ 'a.yaml': '1' });
    const { port } = await serve({ login: LOGIN });
    const git = open(port);
    expect(await git.head(remoteAt(port, good))).toBe(commit);
    expect((await git.read(remoteAt(port, good), commit)).files).toEqual([{ path: 'a.yaml', text: '1' }]);
    const texts = filesBelow(path.join(folder.dir, 'cache'))
      .map((file) => readFileSync(file, 'latin1'))
      .join('');
    expect(texts).not.toContain('secret');
    expect(texts).not.toContain(Buffer.from(LOGIN).toString('base64'));
  });

  it.each([
    ['wrong credentials', bad],
    ['no credentials', undefined],
  ])('is refused with %s, without repeating them', async (_what, credentials) => {
    const commit = origin.commit({ 'a.yaml': '1' });
    const { port } = await serve({ login: LOGIN });
    const remote = remoteAt(port, credentials);
    for (const call of [() => open(port).head(remote), () => open(port).read(remote, commit)]) {
      const error: unknown = await call().catch((failure: unknown) => failure);
      expect(error).toMatchObject({
        code: 'GIT_UNAUTHENTICATED',
        message: expect.stringContaining('spec.credentialsRef'),
      });
      const encoded = Buffer.from(`robot:wr0ng-secret`).toString('base64');
      expect(`${String(error)}${JSON.stringify(error)}`).not.toMatch(new RegExp(`wr0ng-secret|${encoded}`));
    }
  });

  it('gives nothing of its cache to who comes with other credentials', async () => {
    const commit = origin.commit({ 'a.yaml': '1' });
    const { port } = await serve({ login: LOGIN });
    const git = open(port);
    await git.read(remoteAt(port, good), commit);
    await expect(git.read(remoteAt(port, bad), commit)).rejects.toMatchObject({
      code: 'GIT_UNAUTHENTICATED',
    });
    await expect(git.read(remoteAt(port), commit)).rejects.toMatchObject({ code: 'GIT_UNAUTHENTICATED' });
  });

  it('brings only what is new the second time', async () => {
    const { port } = await serve();
    const git = open(port);
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`f${i}.yaml`, randomBytes(100).toString('hex')]),
    );
    await git.read(remoteAt(port), origin.commit(many));
    const tree = await git.read(remoteAt(port), origin.commit({ ...many, 'f0.yaml': 'changed' }));
    expect(tree.files).toHaveLength(300);
    const sizes = filesBelow(path.join(folder.dir, 'cache'))
      .filter((file) => file.endsWith('.pack'))
      .map((file) => statSync(file).size)
      .sort((a, b) => a - b);
    expect(sizes).toHaveLength(2);
    // The second pack holds a commit, a tree and one file.
    expect(sizes[0]).toBeLessThan((sizes[1] ?? 0) / 2);
  });

  it('is read at a commit that the server does not give out by its name', async () => {
    const first = origin.commit({ 'a.yaml': '1' });
    origin.commit({ 'a.yaml': '2' });
    // Version 2 of the protocol gives out any commit; older servers speak version 0 only.
    const { port } = await serve({
      intercept: (request) => {
        delete request.headers['git-protocol'];
        return false;
      },
    });
    expect((await open(port).read(remoteAt(port), first)).files).toEqual([{ path: 'a.yaml', text: '1' }]);
    await expect(open(port).read(remoteAt(port), '1'.repeat(40))).rejects.toMatchObject({
      code: 'GIT_COMMIT_NOT_FOUND',
    });
  });
});

describe('a server that is not what it should be', () => {
  it('is not trusted with a certificate of an unknown CA', async () => {
    const { port } = await serve();
    const error: unknown = await createGitRepository({
      cacheDir: path.join(folder.dir, 'other-cache'),
      allowFile: false,
      allowedHosts: [`localhost:${port}`],
    })
      .head(remoteAt(port))
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'GIT_UNAVAILABLE', message: expect.stringContaining('certificate') });
  });

  it('is not followed elsewhere, and nothing is sent there', async () => {
    const elsewhere = await serveHttps({ root: folder.dir });
    try {
      const { port } = await serve({
        intercept: (request, response) => {
          response
            .writeHead(302, { location: `https://localhost:${elsewhere.port}${request.url ?? ''}` })
            .end();
          return true;
        },
      });
      const call = open(port).head(remoteAt(port, good));
      await expect(call).rejects.toMatchObject({
        code: 'GIT_UNAVAILABLE',
        message: expect.stringContaining('redirects'),
      });
      expect(elsewhere.requests).toEqual([]);
    } finally {
      await elsewhere.close();
    }
  });

  it.each([
    ['answers nonsense', 200, 'GIT_REF_NOT_FOUND'],
    ['is broken', 500, 'GIT_UNAVAILABLE'],
    ['knows no such repository', 404, 'GIT_UNAVAILABLE'],
    ['forbids it', 403, 'GIT_UNAUTHENTICATED'],
  ])('is told apart when it %s', async (_what, status, code) => {
    const { port } = await serve({
      intercept: (_request, response) => {
        response.writeHead(status, { 'content-type': 'text/plain' }).end('nonsense \u001b[2J');
        return true;
      },
    });
    const error: unknown = await open(port)
      .head(remoteAt(port, good))
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain('\u001b');
  });

  it('does not hold us when it never answers', async () => {
    const { port } = await serve({ intercept: () => true });
    const git = open(port, { limits: { remoteTimeoutMs: 700 } });
    await expect(git.head(remoteAt(port))).rejects.toMatchObject({ code: 'GIT_TIMEOUT' });
  });

  it('cannot be reached when it is not there', async () => {
    const { port, close } = await serve();
    await close();
    server = undefined;
    await expect(open(port).head(remoteAt(port))).rejects.toMatchObject({ code: 'GIT_UNAVAILABLE' });
  });
});

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
