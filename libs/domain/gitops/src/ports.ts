/** A repository as a rollout reads it: heads and the files of one commit, never a work tree. */
export interface GitRepository {
  /** Commit at the head of the branch. Throws GIT_REF_NOT_FOUND, GIT_UNAVAILABLE, GIT_UNAUTHENTICATED, … */
  head(remote: GitRemote, options?: { signal?: AbortSignal }): Promise<string>;
  /**
   * The manifests of one commit: regular `*.yaml`, `*.yml`, `*.json` under `path`, recursively, outside
   * dot-folders. Entries that are no regular files (links, submodules) and caps that were passed come as problems.
   */
  read(
    remote: GitRemote,
    commit: string,
    options?: { signal?: AbortSignal; onProgress?: (what: string) => void },
  ): Promise<GitTree>;
}

export interface GitRemote {
  readonly url: string;
  readonly branch: string;
  /** Folder inside the repository; `.` is the root. */
  readonly path: string;
  readonly credentials?: GitCredentials;
}

export type GitCredentials =
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'ssh'; readonly identity: string; readonly knownHosts: string };

export interface GitTree {
  readonly commit: string;
  readonly author: string;
  /** First line of the commit's message. */
  readonly subject: string;
  readonly files: readonly GitFile[];
  readonly problems: readonly Problem[];
}

export interface GitFile {
  /** Relative to the repository's root, `/` between folders. */
  readonly path: string;
  readonly text: string;
}

/** One thing wrong with a commit, as it stands in `Rollout.status.problems`. */
export interface Problem {
  readonly file: string;
  /** 1-based line of the offending key or its nearest parent. */
  readonly line: number;
  /** `Kind namespace/name`, empty when the object has no name yet. */
  readonly resource: string;
  readonly code: string;
  readonly message: string;
}
