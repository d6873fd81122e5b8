import { SambandError } from '@samband/errors';
import { problemAt, type GitFile, type Problem } from '@samband/gitops';
import { BatchParser, toGitFile } from './blob-reader.js';
import { parseCommit, type CommitInfo } from './commit-info.js';
import type { GitRunner, Ran } from './git-runner.js';
import type { GitLimits } from './options.js';
import { TreeSorter, type ManifestEntry, type TreeListing } from './tree-entries.js';

const MAX_COMMIT_BYTES = 1024 * 1024;

/** Reads what a cache holds; never talks to the remote. */
export class LocalReader {
  constructor(
    private readonly git: GitRunner,
    private readonly dir: string,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Whether a commit is there. Packs arrive whole, so its files then are, too. */
  async has(commit: string): Promise<boolean> {
    const { stdout } = await this.run(['cat-file', '--batch-check'], `${commit}\n`);
    return stdout.toString('latin1').startsWith(`${commit} commit `);
  }

  /** @param folder as `checkFolder` gives it */
  async list(commit: string, folder: string, limits: GitLimits): Promise<TreeListing> {
    const tree = `${commit}:${folder}`;
    const kind = await this.run(['cat-file', '--batch-check'], `${tree}\n`);
    if (!/^[0-9a-f]+ tree /.test(kind.stdout.toString('latin1'))) {
      const message = `the commit has no folder ${folder}: change spec.path`;
      return { entries: [], problems: [problemAt({ file: folder, line: 1 }, 'PATH_NOT_FOUND', message)] };
    }
    const sorter = new TreeSorter(folder, limits);
    const args = ['ls-tree', '-r', '-z', '-l', '--full-tree', tree];
    const result = await this.run(args, undefined, (chunk) => sorter.add(chunk));
    if (result.failure !== undefined) throw result.failure;
    return sorter.finish();
  }

  async readFiles(
    entries: readonly ManifestEntry[],
  ): Promise<{ readonly files: GitFile[]; readonly problems: Problem[] }> {
    const files: GitFile[] = [];
    const problems: Problem[] = [];
    if (entries.length === 0) return { files, problems };
    const parser = await this.batch([...new Set(entries.map(({ sha }) => sha))]);
    for (const entry of entries) {
      const blob = parser.blobs.get(entry.sha);
      if (blob === undefined) throw damaged(`a file is missing`);
      const read = toGitFile(entry, blob.content);
      if ('code' in read) problems.push(read);
      else files.push(read);
    }
    return { files, problems };
  }

  /** Author and subject; empty when somebody made a commit object of more than a mebibyte. */
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
    if (!parser.finish()) throw damaged('its answer ends too early');
    return parser;
  }

  private run(args: readonly string[], input?: string, onOutput?: (chunk: Buffer) => boolean): Promise<Ran> {
    return this.git(args, { cwd: this.dir, gitDir: this.dir, signal: this.signal, input, onOutput });
  }
}

function damaged(why: string): SambandError {
  return new SambandError(
    'GIT_UNAVAILABLE',
    `the cache of the repository is damaged (${why}): it is made anew at the next attempt`,
  );
}
