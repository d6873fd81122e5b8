import { SambandError } from '@samband/errors';
import type { GitFile, Problem } from '@samband/gitops';
import { BatchParser, toGitFile } from './blob-reader.js';
import { parseCommit, type CommitInfo } from './commit-info.js';
import type { GitRunner, Ran } from './git-runner.js';
import type { GitLimits } from './options.js';
import { TreeSorter, type ManifestEntry, type TreeListing } from './tree-entries.js';

const MAX_COMMIT_BYTES = 1024 * 1024;

/** What a cache knows of a commit. */
export interface Look {
  readonly hasCommit: boolean;
  readonly commitBytes: number;
  readonly hasFolder: boolean;
}

/** Reads what a cache holds; never talks to the remote. */
export class LocalReader {
  constructor(
    private readonly git: GitRunner,
    private readonly dir: string,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** What the cache knows of a commit and a folder of it, in one look. Packs arrive whole: files come with their commit. */
  async look(commit: string, folder: string): Promise<Look> {
    const names = [commit, `${commit}:${folder}`];
    const { stdout } = await this.run(['cat-file', '--batch-check'], `${names.join('\n')}\n`);
    const [first = '', second = ''] = stdout.toString('latin1').split('\n');
    const [sha, type, size] = first.split(' ');
    return {
      hasCommit: sha === commit && type === 'commit',
      commitBytes: Number(size),
      hasFolder: /^[0-9a-f]+ tree /.test(second),
    };
  }

  /** @param folder as `checkFolder` gives it; it must be there */
  async list(commit: string, folder: string, limits: GitLimits): Promise<TreeListing> {
    const sorter = new TreeSorter(folder, limits);
    const args = ['ls-tree', '-r', '-z', '-l', '--full-tree', `${commit}:${folder}`];
    const result = await this.run(args, undefined, (chunk) => sorter.add(chunk));
    if (result.failure !== undefined) throw result.failure;
    return sorter.finish();
  }

  /** Texts of the files, and who made the commit and what for: empty when its object is larger than a mebibyte. */
  async read(
    commit: string,
    { commitBytes }: Look,
    entries: readonly ManifestEntry[],
  ): Promise<CommitInfo & { readonly files: GitFile[]; readonly problems: Problem[] }> {
    const files: GitFile[] = [];
    const problems: Problem[] = [];
    const shas = new Set(entries.map(({ sha }) => sha));
    if (commitBytes <= MAX_COMMIT_BYTES) shas.add(commit);
    if (shas.size === 0) return { author: '', subject: '', files, problems };
    const { blobs } = await this.batch([...shas]);
    for (const entry of entries) {
      const blob = blobs.get(entry.sha);
      if (blob === undefined) throw damaged(`a file is missing`);
      const read = toGitFile(entry, blob.content);
      if ('code' in read) problems.push(read);
      else files.push(read);
    }
    const info = blobs.get(commit);
    return {
      ...(info === undefined ? { author: '', subject: '' } : parseCommit(info.content)),
      files,
      problems,
    };
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
