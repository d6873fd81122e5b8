import type { SambandError } from '@samband/errors';
import type { CacheFolder } from './cache.js';
import { baseEnvironment, type RemoteAccess } from './environment.js';
import { toGitError } from './git-errors.js';
import type { GitLimits, GitOptions } from './options.js';
import { runGit, type GitResult } from './run-git.js';

/** What a command that talks to the remote needs: who we are, and how to name the remote in messages. */
export type RemoteUse = RemoteAccess & { readonly shown: string };

export interface RunOptions {
  readonly cwd: string;
  readonly gitDir?: string;
  /** Absent for commands that read the cache only: they get less time. */
  readonly access?: RemoteUse;
  readonly signal?: AbortSignal | undefined;
  readonly input?: string | undefined;
  readonly onOutput?: ((chunk: Buffer) => boolean) | undefined;
  readonly watch?: () => Promise<SambandError | undefined>;
}

/** With `failure` when git ended with another code than 0. */
export type Ran = GitResult & { readonly failure?: SambandError };

export type GitRunner = (args: readonly string[], options: RunOptions) => Promise<Ran>;

/** Runs git with our environment and configuration, and nothing of this machine's. */
export function createGitRunner(
  cache: CacheFolder,
  limits: GitLimits,
  { gitBinary = 'git', allowFile }: Pick<GitOptions, 'gitBinary' | 'allowFile'>,
): GitRunner {
  return async (args, { gitDir, access, cwd, signal, input, onOutput, watch }) => {
    const env = {
      ...baseEnvironment(cache, allowFile),
      ...(gitDir === undefined ? {} : { GIT_DIR: gitDir }),
      ...access?.env,
    };
    const result = await runGit({
      binary: gitBinary,
      args,
      cwd,
      env,
      timeoutMs: access === undefined ? limits.localTimeoutMs : limits.remoteTimeoutMs,
      signal,
      ...(input === undefined ? {} : { input }),
      ...(onOutput === undefined ? {} : { onOutput }),
      ...(watch === undefined ? {} : { watch }),
    });
    if (result.code === 0 || result.isCut) return result;
    const shown = access?.shown ?? 'the cache of the repository';
    return { ...result, failure: toGitError(shown, result.stderr, access?.secrets ?? []) };
  };
}
