import { problemAt, type GitFile, type Problem } from '@samband/gitops';
import type { ManifestEntry } from './tree-entries.js';

/** What `git cat-file --batch` gave for one object. */
interface Blob {
  readonly sha: string;
  readonly type: string;
  readonly content: Buffer;
}

/**
 * Cuts the answers of `git cat-file --batch` out of its output: `<sha> <type> <size>\n<content>\n` each. Sizes were
 * looked at before anything was asked for.
 */
export class BatchParser {
  private readonly chunks: Buffer[] = [];
  readonly blobs = new Map<string, Blob>();

  add(chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  /** @returns false when the output ends in the middle of an object */
  finish(): boolean {
    const data = Buffer.concat(this.chunks);
    let at = 0;
    while (at < data.length) {
      const end = data.indexOf(10, at);
      if (end < 0) return false;
      const [sha = '', type = '', size = ''] = data.subarray(at, end).toString('latin1').split(' ');
      at = end + 1;
      if (type === 'missing') continue;
      const length = Number(size);
      if (!Number.isSafeInteger(length) || at + length + 1 > data.length) return false;
      this.blobs.set(sha, { sha, type, content: data.subarray(at, at + length) });
      at += length + 1;
    }
    return true;
  }
}

const LFS_HEADER = Buffer.from('version https://git-lfs.github.com/spec/');

/** The text of a file, or why it has none. */
export function toGitFile({ path }: ManifestEntry, content: Buffer): GitFile | Problem {
  if (content.subarray(0, LFS_HEADER.length).equals(LFS_HEADER)) {
    const message = 'this is a pointer of Git LFS, which is not followed: commit the file itself';
    return problemAt({ file: path, line: 1 }, 'LFS_POINTER_REFUSED', message);
  }
  try {
    // The byte order mark is kept: the parser names it as a problem.
    return { path, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content) };
  } catch {
    const message = 'the file is not UTF-8: save it as UTF-8';
    return problemAt({ file: path, line: firstBrokenLine(content) }, 'NOT_UTF8', message);
  }
}

/** Line of the first bytes that are no UTF-8: all before it decodes. */
function firstBrokenLine(content: Buffer): number {
  const lossy = content.toString('utf8');
  const at = lossy.indexOf('\ufffd');
  return lossy.slice(0, Math.max(0, at)).split('\n').length;
}
