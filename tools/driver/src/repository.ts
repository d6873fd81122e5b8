import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Nothing of the user's own git settings: no hooks, no signing, no other identity. */
const gitEnvironment = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

/** Text of each file by its path in the repository; `undefined` removes it. */
export type Files = Readonly<Record<string, string | undefined>>;

export interface Push {
  readonly before: string;
  readonly after: string;
  readonly message: string;
  readonly forced: boolean;
}

/** A team's work tree, and the bare repository that it pushes to. */
export interface Repository {
  readonly url: string;
  readonly branch: string;
  /** Changes files, commits and pushes. An empty commit is one, too. */
  push(files: Files, message: string): Promise<Push>;
  /** Moves the branch to an older commit, as `git push --force` does. */
  forcePush(commit: string): Promise<Push>;
}

const none = '0'.repeat(40);

export async function createRepository(folder: string): Promise<Repository> {
  const bare = path.join(folder, 'origin.git');
  const tree = path.join(folder, 'tree');
  const branch = 'main';
  await mkdir(folder, { recursive: true });
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', args, { cwd: tree, env: gitEnvironment })).stdout.trim();
  for (const args of [
    ['--bare', `--initial-branch=${branch}`, bare],
    [`--initial-branch=${branch}`, tree],
  ]) {
    await run('git', ['init', '--quiet', ...args], { env: gitEnvironment });
  }
  await git('remote', 'add', 'origin', bare);
  let head = none;
  const push = async (message: string, forced: boolean): Promise<Push> => {
    await git('push', '--quiet', ...(forced ? ['--force'] : []), 'origin', branch);
    const before = head;
    head = await git('rev-parse', 'HEAD');
    return { before, after: head, message, forced };
  };
  return {
    url: pathToFileURL(bare).href,
    branch,
    push: async (files, message) => {
      for (const [file, text] of Object.entries(files)) {
        const at = path.join(tree, file);
        if (text === undefined) {
          await rm(at);
          continue;
        }
        await mkdir(path.dirname(at), { recursive: true });
        await writeFile(at, text);
      }
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '--message', message);
      return push(message, false);
    },
    forcePush: async (commit) => {
      await git('reset', '--quiet', '--hard', commit);
      return push('an older commit again', true);
    },
  };
}
