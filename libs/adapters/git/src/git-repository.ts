import { existsSync } from 'node:fs';
import { SambandError } from '@samband/errors';
import { problemAt, sortProblems, type GitRemote, type GitRepository, type GitTree } from '@samband/gitops';
import { withLock } from '@samband/processes';
import {
  evictRepositories,
  forgetRepository,
  openCache,
  packsOf,
  prepareRepository,
  repositoryDir,
  type CacheFolder,
} from './cache.js';
import { openAccess } from './environment.js';
import { isCacheDamaged, isShaRefused } from './git-errors.js';
import { createGitRunner, type GitRunner, type RemoteUse } from './git-runner.js';
import { LocalReader, type Look } from './local-reader.js';
import { checkBranch, checkCommit, checkFolder } from './names.js';
import { defaultGitLimits, type GitLimits, type GitOptions } from './options.js';
import { vetUrl, type VettedUrl } from './remote-url.js';
import type { TreeListing } from './tree-entries.js';

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (what: string) => void;
}

/** Kept, so that the next fetch tells the server what is there already. */
const KEPT_REF = 'refs/samband/last';
/** Commits looked through for one that the server does not give out by its sha. */
const DEEPEN = 500;

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
  private opened: Promise<Opened> | undefined;

  constructor(private readonly options: GitOptions) {
    this.limits = { ...defaultGitLimits, ...options.limits };
  }

  async head(remote: GitRemote, { signal }: CallOptions): Promise<string> {
    const url = vetUrl(remote.url, this.options);
    const ref = `refs/heads/${checkBranch(remote.branch)}`;
    const { cache, git } = await this.open();
    const result = await this.withAccess(url, remote, cache, (access) =>
      git(['ls-remote', '--refs', '--', url.url, ref], { cwd: cache.dir, access, signal }),
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
    const { cache, git } = await this.open();
    const dir = repositoryDir(cache, url, remote.credentials, format);
    const work = async (): Promise<GitTree> => {
      const { isNew } = await prepareRepository(dir, format, this.limits.fetchBytes * 2);
      if (isNew) await evictRepositories(cache, this.limits.repositories);
      const local = new LocalReader(git, dir, call.signal);
      let look = isNew ? undefined : await local.look(commit, folder);
      if (look?.hasCommit !== true) {
        call.onProgress?.(`fetching ${commit.slice(0, 12)}`);
        look = await this.fetch(
          remote,
          url,
          { commit, folder },
          { cache, git, dir, local, signal: call.signal },
        );
      }
      try {
        return await this.readTree(local, { commit, folder, look }, call);
      } catch (error) {
        // Whatever is wrong with the cache, the next attempt begins with a new one.
        if (call.signal?.aborted !== true) await forgetRepository(dir);
        throw error;
      }
    };
    return await withLock(`${dir}.lock`, work, {
      waitMs: this.limits.remoteTimeoutMs * 2,
      ...(call.signal === undefined ? {} : { signal: call.signal }),
      busy: () =>
        new SambandError(
          'GIT_UNAVAILABLE',
          'the cache of the repository is in use by another worker: tried again later',
        ),
    });
  }

  private async readTree(
    local: LocalReader,
    { commit, folder, look }: Wanted & { readonly look: Look },
    { onProgress }: CallOptions,
  ): Promise<GitTree> {
    onProgress?.('listing files');
    const listing = look.hasFolder ? await local.list(commit, folder, this.limits) : noFolder(folder);
    onProgress?.(`reading ${listing.entries.length} manifests`);
    const { problems, ...tree } = await local.read(commit, look, listing.entries);
    return { commit, ...tree, problems: sortProblems([...listing.problems, ...problems]) };
  }

  /** Brings a commit: by its sha, else by the head of the branch, else by the branch's history. */
  private async fetch(
    remote: GitRemote,
    url: VettedUrl,
    { commit, folder }: Wanted,
    { cache, git, dir, local, signal }: FetchTarget,
  ): Promise<Look> {
    return await this.withAccess(url, remote, cache, async (access) => {
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
        const result = await git(args, { cwd: dir, gitDir: dir, access, signal, watch });
        const excess = await watch();
        if (excess !== undefined) {
          await forgetRepository(dir);
          throw excess;
        }
        const look = result.code === 0 ? await local.look(commit, folder) : undefined;
        if (look?.hasCommit === true) return look;
        if (result.failure === undefined || isShaRefused(result.stderr)) continue;
        if (isCacheDamaged(result.stderr)) await forgetRepository(dir);
        throw result.failure;
      }
      throw new SambandError(
        'GIT_COMMIT_NOT_FOUND',
        `${url.shown} does not hold the commit ${commit.slice(0, 12)} any more: it was pushed over or removed`,
      );
    });
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
    work: (access: RemoteUse) => Promise<T>,
  ): Promise<T> {
    const access = await openAccess(url, remote.credentials, cache.dir);
    try {
      return await work({ ...access, shown: url.shown });
    } finally {
      await access.dispose();
    }
  }

  private async open(): Promise<Opened> {
    const known = await this.opened;
    // Somebody may have emptied the folder: it is a cache.
    if (known !== undefined && !existsSync(known.cache.configFile)) this.opened = undefined;
    this.opened ??= openCache(this.options).then(
      (cache) => ({ cache, git: createGitRunner(cache, this.limits, this.options) }),
      (error: unknown) => {
        // A disk that was full may be mended: the next call tries again.
        this.opened = undefined;
        throw error;
      },
    );
    return await this.opened;
  }
}

/** The part of a commit that is read. */
interface Wanted {
  readonly commit: string;
  readonly folder: string;
}

interface Opened {
  readonly cache: CacheFolder;
  readonly git: GitRunner;
}

interface FetchTarget extends Opened {
  readonly dir: string;
  readonly local: LocalReader;
  readonly signal: AbortSignal | undefined;
}

function noFolder(folder: string): TreeListing {
  const message = `the commit has no folder ${folder}: change spec.path`;
  return { entries: [], problems: [problemAt({ file: folder, line: 1 }, 'PATH_NOT_FOUND', message)] };
}
