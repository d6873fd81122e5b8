import { SambandError } from '@samband/errors';
import {
  problemAt,
  sortProblems,
  type GitFile,
  type GitRemote,
  type GitRepository,
  type GitTree,
  type Problem,
} from '@samband/gitops';
import { BatchParser, toGitFile } from './blob-reader.js';
import {
  evictRepositories,
  forgetRepository,
  openCache,
  packsOf,
  prepareRepository,
  repositoryDir,
  type CacheFolder,
} from './cache.js';
import { parseCommit, type CommitInfo } from './commit-info.js';
import { baseEnvironment, openAccess, type RemoteAccess } from './environment.js';
import { withLock } from './folder-lock.js';
import { isCacheDamaged, isShaRefused, toGitError } from './git-errors.js';
import { defaultGitLimits, type GitLimits, type GitOptions } from './options.js';
import { checkBranch, checkCommit, checkFolder } from './names.js';
import { vetUrl, type VettedUrl } from './remote-url.js';
import { runGit, type GitResult } from './run-git.js';
import { TreeSorter, type ManifestEntry, type TreeListing } from './tree-entries.js';

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (what: string) => void;
}

/** Kept, so that the next fetch tells the server what is there already. */
const KEPT_REF = 'refs/samband/last';
/** Commits looked through for one that the server does not give out by its sha. */
const DEEPEN = 500;
const MAX_COMMIT_BYTES = 1024 * 1024;

/** Reads repositories with the git binary. See `GitRepository` for what it promises, ADR 0006 for why it is done so. */
export function createGitRepository(options: GitOptions): GitRepository {
  const reader = new CachedGitRepository(options);
  return {
    head: (remote, call) => reader.head(remote, call ?? {}),
    read: (remote, commit, call) => reader.read(remote, commit, call ?? {}),
  };
}

class CachedGitRepository {
  private readonly limits: GitLimits;
  private readonly binary: string;
  private cache: Promise<CacheFolder> | undefined;

  constructor(private readonly options: GitOptions) {
    this.limits = { ...defaultGitLimits, ...options.limits };
    this.binary = options.gitBinary ?? 'git';
  }

  async head(remote: GitRemote, { signal }: CallOptions): Promise<string> {
    const url = vetUrl(remote.url, this.options);
    const ref = `refs/heads/${checkBranch(remote.branch)}`;
    const cache = await this.open();
    const result = await this.withAccess(url, remote, cache, (access) =>
      this.run(cache, ['ls-remote', '--refs', '--', url.url, ref], { cwd: cache.dir, access, signal }),
    );
    if (result.failure !== undefined) throw result.failure;
    const lines = result.stdout.toString('latin1').split('\n');
    const sha = lines.find((line) => line.endsWith(`\t${ref}`))?.split('\t')[0];
    if (sha !== undefined && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) return sha;
    throw new SambandError(
      'GIT_REF_NOT_FOUND',
      `${url.shown} has no branch ${remote.branch.slice(0, 100)}: push it, or change spec.ref.branch`,
    );
  }

  async read(remote: GitRemote, commit: string, call: CallOptions): Promise<GitTree> {
    const url = vetUrl(remote.url, this.options);
    checkBranch(remote.branch);
    const folder = checkFolder(remote.path);
    const format = checkCommit(commit);
    const cache = await this.open();
    const dir = repositoryDir(cache, url, remote.credentials, format);
    const waitMs = this.limits.remoteTimeoutMs * 2;
    return await withLock(`${dir}.lock`, { waitMs, signal: call.signal }, async () => {
      const { isNew } = await prepareRepository(dir, format, this.limits.fetchBytes * 2);
      if (isNew) await evictRepositories(cache, this.limits.repositories);
      const local = new LocalReader(this, cache, dir, call.signal);
      if (isNew || !(await local.has(commit))) {
        call.onProgress?.(`fetching ${commit.slice(0, 12)}`);
        await this.fetch(remote, url, commit, { cache, dir, local, signal: call.signal });
      }
      try {
        return await this.readTree(local, commit, folder, call);
      } catch (error) {
        // Whatever is wrong with the cache, the next attempt begins with a new one.
        if (call.signal?.aborted !== true) await forgetRepository(dir);
        throw error;
      }
    });
  }

  private async readTree(
    local: LocalReader,
    commit: string,
    folder: string,
    { onProgress }: CallOptions,
  ): Promise<GitTree> {
    onProgress?.('listing files');
    const listing = await local.list(commit, folder, this.limits);
    onProgress?.(`reading ${listing.entries.length} manifests`);
    const { files, problems } = await local.readFiles(listing.entries);
    const info = await local.describe(commit);
    return { commit, ...info, files, problems: sortProblems([...listing.problems, ...problems]) };
  }

  /** Brings a commit: by its sha, else by the head of the branch, else by the branch's history. */
  private async fetch(
    remote: GitRemote,
    url: VettedUrl,
    commit: string,
    { cache, dir, local, signal }: FetchTarget,
  ): Promise<void> {
    await this.withAccess(url, remote, cache, async (access) => {
      const branch = `refs/heads/${remote.branch}`;
      const ways = [
        { depth: ['--depth=1'], ref: commit },
        { depth: ['--depth=1'], ref: branch },
        { depth: [`--depth=${DEEPEN}`], ref: branch },
      ];
      const { bytes: before } = await packsOf(dir);
      const watch = (): Promise<SambandError | undefined> => this.watchSize(url, dir, before);
      for (const { depth, ref } of ways) {
        const flags = [
          '--no-tags',
          '--no-recurse-submodules',
          '--no-write-fetch-head',
          '--no-auto-maintenance',
          '--quiet',
          '--force',
          '--update-shallow',
        ];
        const args = ['fetch', ...flags, ...depth, '--', url.url, `+${ref}:${KEPT_REF}`];
        const result = await this.run(cache, args, { cwd: dir, gitDir: dir, access, signal, watch });
        const excess = await watch();
        if (excess !== undefined) {
          await forgetRepository(dir);
          throw excess;
        }
        if (result.code === 0 && (await local.has(commit))) return;
        if (result.failure === undefined || isShaRefused(result.stderr)) continue;
        if (isCacheDamaged(result.stderr)) await forgetRepository(dir);
        throw result.failure;
      }
    });
    if (await local.has(commit)) return;
    throw new SambandError(
      'GIT_COMMIT_NOT_FOUND',
      `${url.shown} does not hold the commit ${commit.slice(0, 12)} any more: it was pushed over or removed`,
    );
  }

  private async watchSize(url: VettedUrl, dir: string, before: number): Promise<SambandError | undefined> {
    const { bytes } = await packsOf(dir);
    if (bytes - before <= this.limits.fetchBytes) return undefined;
    return new SambandError(
      'GIT_TOO_LARGE',
      `${url.shown} is larger than ${this.limits.fetchBytes} bytes at one commit: keep manifests in a repository of their own`,
    );
  }

  private async withAccess<T>(
    url: VettedUrl,
    remote: GitRemote,
    cache: CacheFolder,
    work: (access: RemoteAccess & { readonly shown: string }) => Promise<T>,
  ): Promise<T> {
    const access = await openAccess(url, remote.credentials, cache.dir);
    try {
      return await work({ ...access, shown: url.shown });
    } finally {
      await access.dispose();
    }
  }

  private open(): Promise<CacheFolder> {
    this.cache ??= openCache(this.options).catch((error: unknown) => {
      this.cache = undefined;
      throw error;
    });
    return this.cache;
  }

  /** @returns with `failure` when git ended with another code than 0 */
  async run(
    cache: CacheFolder,
    args: readonly string[],
    run: RunOptions,
  ): Promise<GitResult & { readonly failure?: SambandError }> {
    const env = {
      ...baseEnvironment(cache.dir, cache.configFile),
      ...(run.gitDir === undefined ? {} : { GIT_DIR: run.gitDir }),
      ...run.access?.env,
    };
    const isRemote = run.access !== undefined;
    const result = await runGit({
      binary: this.binary,
      args,
      cwd: run.cwd,
      env,
      timeoutMs: isRemote ? this.limits.remoteTimeoutMs : this.limits.localTimeoutMs,
      signal: run.signal,
      ...(run.input === undefined ? {} : { input: run.input }),
      ...(run.onOutput === undefined ? {} : { onOutput: run.onOutput }),
      ...(run.watch === undefined ? {} : { watch: run.watch }),
    });
    if (result.code === 0 || result.isCut) return result;
    const shown = run.access?.shown ?? 'the cache of the repository';
    return { ...result, failure: toGitError(shown, result.stderr, run.access?.secrets ?? []) };
  }
}

interface RunOptions {
  readonly cwd: string;
  readonly gitDir?: string;
  readonly access?: RemoteAccess & { readonly shown: string };
  readonly signal?: AbortSignal | undefined;
  readonly input?: string;
  readonly onOutput?: (chunk: Buffer) => boolean;
  readonly watch?: () => Promise<SambandError | undefined>;
}

interface FetchTarget {
  readonly cache: CacheFolder;
  readonly dir: string;
  readonly local: LocalReader;
  readonly signal: AbortSignal | undefined;
}

/** Reads what a cache holds; never talks to the remote. */
class LocalReader {
  constructor(
    private readonly git: CachedGitRepository,
    private readonly cache: CacheFolder,
    private readonly dir: string,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Whether a commit is there. Packs arrive whole, so its files then are, too. */
  async has(commit: string): Promise<boolean> {
    const { stdout } = await this.run(['cat-file', '--batch-check'], `${commit}\n`);
    return stdout.toString('latin1').startsWith(`${commit} commit `);
  }

  async list(commit: string, folder: string, limits: GitLimits): Promise<TreeListing> {
    const tree = `${commit}:${folder}`;
    const kind = await this.run(['cat-file', '--batch-check'], `${tree}\n`);
    if (!/^[0-9a-f]+ tree /.test(kind.stdout.toString('latin1'))) {
      const message = `the commit has no folder ${folder}: change spec.path`;
      return { entries: [], problems: [problemAt({ file: folder, line: 1 }, 'PATH_NOT_FOUND', message)] };
    }
    const sorter = new TreeSorter(folder, limits);
    const result = await this.run(['ls-tree', '-r', '-z', '-l', '--full-tree', tree], undefined, (chunk) =>
      sorter.add(chunk),
    );
    if (result.failure !== undefined) throw result.failure;
    return sorter.finish();
  }

  async readFiles(entries: readonly ManifestEntry[]): Promise<{ files: GitFile[]; problems: Problem[] }> {
    const files: GitFile[] = [];
    const problems: Problem[] = [];
    if (entries.length === 0) return { files, problems };
    const parser = await this.batch([...new Set(entries.map(({ sha }) => sha))]);
    for (const entry of entries) {
      const blob = parser.blobs.get(entry.sha);
      if (blob === undefined) throw damaged(entry.path);
      const read = toGitFile(entry, blob.content);
      if ('code' in read) problems.push(read);
      else files.push(read);
    }
    return { files, problems };
  }

  async describe(commit: string): Promise<CommitInfo> {
    const { stdout } = await this.run(['cat-file', '--batch-check'], `${commit}\n`);
    const size = Number(stdout.toString('latin1').trim().split(' ')[2]);
    if (!(size <= MAX_COMMIT_BYTES)) return { author: '', subject: '' };
    const blob = (await this.batch([commit])).blobs.get(commit);
    return blob === undefined ? { author: '', subject: '' } : parseCommit(blob.content);
  }

  private async batch(shas: readonly string[]): Promise<BatchParser> {
    const parser = new BatchParser();
    const result = await this.run(['cat-file', '--batch', '--buffer'], `${shas.join('\n')}\n`, (chunk) => {
      parser.add(chunk);
      return true;
    });
    if (result.failure !== undefined) throw result.failure;
    if (!parser.finish()) throw damaged('an object');
    return parser;
  }

  private run(
    args: readonly string[],
    input?: string,
    onOutput?: (chunk: Buffer) => boolean,
  ): ReturnType<CachedGitRepository['run']> {
    return this.git.run(this.cache, args, {
      cwd: this.dir,
      gitDir: this.dir,
      signal: this.signal,
      ...(input === undefined ? {} : { input }),
      ...(onOutput === undefined ? {} : { onOutput }),
    });
  }
}

function damaged(what: string): SambandError {
  return new SambandError(
    'GIT_UNAVAILABLE',
    `the cache of the repository is damaged (${what}): it is made anew at the next attempt`,
  );
}
