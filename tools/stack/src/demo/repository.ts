import { execFile } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
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
  GIT_AUTHOR_NAME: 'Samband demo',
  GIT_AUTHOR_EMAIL: 'demo@samband.dev',
  GIT_COMMITTER_NAME: 'Samband demo',
  GIT_COMMITTER_EMAIL: 'demo@samband.dev',
};

/** What a team does with git: a work tree, and a bare repository that it pushes to. */
export interface Repository {
  readonly url: string;
  readonly branch: string;
  write(file: string, text: string): Promise<void>;
  remove(file: string): Promise<void>;
  /** Commits everything and pushes it. */
  push(message: string): Promise<Push>;
}

export interface Push {
  readonly before: string;
  readonly after: string;
  readonly message: string;
}

const none = '0'.repeat(40);

/** Makes a repository that holds nothing yet; `push` brings what was copied from `content`. */
export async function createRepository(folder: string, name: string, content: string): Promise<Repository> {
  const bare = path.join(folder, `${name}.git`);
  const tree = path.join(folder, name);
  const branch = 'main';
  await rm(bare, { recursive: true, force: true });
  await rm(tree, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('git', args, { cwd: tree, env: gitEnvironment });
    return stdout.trim();
  };
  await run('git', ['init', '--quiet', '--bare', `--initial-branch=${branch}`, bare], {
    env: gitEnvironment,
  });
  await run('git', ['init', '--quiet', `--initial-branch=${branch}`, tree], { env: gitEnvironment });
  await git('remote', 'add', 'origin', bare);
  await cp(content, tree, { recursive: true });
  let before = none;
  return {
    url: pathToFileURL(bare).href,
    branch,
    write: async (file, text) => {
      await mkdir(path.dirname(path.join(tree, file)), { recursive: true });
      await writeFile(path.join(tree, file), text);
    },
    remove: (file) => rm(path.join(tree, file)),
    push: async (message) => {
      await git('add', '--all');
      await git('commit', '--quiet', '--message', message);
      await git('push', '--quiet', 'origin', branch);
      const push = { before, after: await git('rev-parse', 'HEAD'), message };
      before = push.after;
      return push;
    },
  };
}
