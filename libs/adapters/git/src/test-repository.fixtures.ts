import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A real repository in a folder of its own, made with plumbing commands so that it can hold what no work tree could. */
export interface TestRepository {
  readonly dir: string;
  readonly url: string;
  git(args: readonly string[], input?: string | Buffer): string;
  /** Commits files (path → content) as the whole tree, and moves the branch there. */
  commit(files: Readonly<Record<string, string | Buffer>>, options?: CommitOptions): string;
}

export interface CommitOptions {
  readonly branch?: string;
  /** Lines for `git update-index --index-info`: `<mode> <sha>\t<path>`. */
  readonly entries?: readonly string[];
  /** Raw lines for `git mktree -z`, which takes names that an index refuses; they replace everything else. */
  readonly tree?: readonly Buffer[];
  readonly isOrphan?: boolean;
}

export function tempFolder(): { readonly dir: string; readonly remove: () => void } {
  const dir = mkdtempSync(path.join(tmpdir(), 'samband-git-'));
  return {
    dir,
    remove: () => {
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export function createTestRepository(dir: string, objectFormat: 'sha1' | 'sha256' = 'sha1'): TestRepository {
  mkdirSync(dir, { recursive: true });
  const env = {
    PATH: process.env['PATH'],
    HOME: dir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
  const git = (args: readonly string[], input?: string | Buffer): string =>
    execFileSync('git', args, {
      cwd: dir,
      env,
      input: input ?? '',
      maxBuffer: 1e9,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
      .toString()
      .trim();
  git(['init', '--quiet', '--bare', `--object-format=${objectFormat}`, '--initial-branch=main', '.']);
  let previous: string | undefined;
  return {
    dir,
    url: `file://${dir}`,
    git,
    commit: (files, { branch = 'main', entries = [], tree, isOrphan = false } = {}) => {
      let sha: string;
      if (tree === undefined) {
        git(['read-tree', '--empty']);
        const lines = Object.entries(files).map(
          ([name, content]) => `100644 ${git(['hash-object', '-w', '--stdin'], content)}\t${name}`,
        );
        git(['update-index', '--add', '--index-info'], `${[...lines, ...entries].join('\n')}\n`);
        sha = git(['write-tree', '--missing-ok']);
      } else {
        sha = git(
          ['mktree', '-z', '--missing'],
          Buffer.concat(tree.flatMap((line) => [line, Buffer.from([0])])),
        );
      }
      const parent = previous === undefined || isOrphan ? [] : ['-p', previous];
      const commit = git([
        'commit-tree',
        sha,
        ...parent,
        '-m',
        `Change ${Object.keys(files).join(' ')}\n\nbody`,
      ]);
      git(['update-ref', `refs/heads/${branch}`, commit]);
      previous = commit;
      return commit;
    },
  };
}

export function isRunning(pid: number): boolean {
  try {
    // A zombie that nobody reaps is dead, too.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    try {
      process.kill(pid, 0);
      return !existsSync('/proc/self');
    } catch {
      return false;
    }
  }
}
