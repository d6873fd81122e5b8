export interface GitOptions {
  /** Folder for caches and credentials of running commands. Made when missing, readable by the owner only. */
  readonly cacheDir: string;
  /** Whether `file://` is allowed: it reads whatever this process may read. */
  readonly allowFile: boolean;
  /** Hosts of https and ssh: `github.com` (port 443 and 22), `git.example.com:8443` (that port). */
  readonly allowedHosts: readonly string[];
  readonly limits?: Partial<GitLimits>;
  /** Default: `git` on PATH, 2.31 or newer. */
  readonly gitBinary?: string;
  /** PEM file of the CAs that https trusts, instead of those of this machine. */
  readonly caFile?: string;
}

export interface GitLimits {
  /** Of one command that talks to the remote, ms. */
  readonly remoteTimeoutMs: number;
  /** Of one command that reads the cache, ms. */
  readonly localTimeoutMs: number;
  /** Bytes that one fetch may bring; a repository is forgotten when its cache grows beyond the double. */
  readonly fetchBytes: number;
  /** Entries below the path, of any kind. */
  readonly entries: number;
  /** Manifest files below the path. */
  readonly files: number;
  /** Bytes of one manifest file. */
  readonly fileBytes: number;
  /** Bytes of all manifest files. */
  readonly totalBytes: number;
  /** Repositories kept in the cache. */
  readonly repositories: number;
}

export const defaultGitLimits: GitLimits = {
  remoteTimeoutMs: 60_000,
  localTimeoutMs: 30_000,
  fetchBytes: 512 * 1024 * 1024,
  entries: 200_000,
  files: 20_000,
  fileBytes: 8 * 1024 * 1024,
  totalBytes: 16 * 1024 * 1024,
  repositories: 64,
};
