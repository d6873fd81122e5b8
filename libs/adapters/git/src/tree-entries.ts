import type { Problem, ProblemCode } from '@samband/gitops';
import { problemAt } from '@samband/gitops';
import type { GitLimits } from './options.js';
import { shorten } from './shorten.js';

/** A manifest of a commit that shall be read. */
export interface ManifestEntry {
  readonly path: string;
  readonly sha: string;
  readonly size: number;
}

export interface TreeListing {
  readonly entries: readonly ManifestEntry[];
  readonly problems: readonly Problem[];
}

/** A status lists a hundred, and a tree may hold two hundred thousand links. */
const MAX_PROBLEMS = 1_000;
const MAX_PATH = 1_024;
/** A mode, a sha, a size and a path that is read, in bytes; one name alone may be hundreds of megabytes. */
const MAX_ENTRY = 8_192;
const manifestName = /\.(?:ya?ml|json)$/;

/**
 * Sorts out what `git ls-tree -r -z -l` prints, as it comes. Nothing of it becomes a path on this machine: names are
 * only compared and shown.
 */
export class TreeSorter {
  private readonly entries: ManifestEntry[] = [];
  private readonly problems: Problem[] = [];
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private rest: Buffer = Buffer.alloc(0);
  private count = 0;
  private totalBytes = 0;

  /** @param folder that was listed, `''` for the root; names come relative to it */
  constructor(
    private readonly folder: string,
    private readonly limits: GitLimits,
  ) {}

  /** @returns false when there is more than may be */
  add(chunk: Buffer): boolean {
    const data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let start = 0;
    for (let end = data.indexOf(0, start); end >= 0; end = data.indexOf(0, start)) {
      if (!this.takeLine(data.subarray(start, end))) return false;
      start = end + 1;
    }
    this.rest = data.subarray(start);
    // Each chunk would have it copied and searched anew.
    return this.rest.length <= MAX_ENTRY || this.refuseLong(this.rest);
  }

  finish(): TreeListing {
    return { entries: this.entries, problems: this.problems };
  }

  /** An entry that is longer than any is read; whether it is over makes no difference. */
  private refuseLong(line: Buffer): boolean {
    const begin = line.subarray(0, MAX_ENTRY);
    const name = begin.subarray(begin.indexOf(9) + 1);
    const message = `the name of this file is longer than ${MAX_ENTRY} bytes: rename it; the files after it were not looked at`;
    this.report(this.inFolder(inAscii(name.subarray(0, 200).toString('latin1'))), 'PATH_REFUSED', message);
    return false;
  }

  private takeLine(line: Buffer): boolean {
    if (line.length > MAX_ENTRY) return this.refuseLong(line);
    if (++this.count > this.limits.entries) {
      const message = `there are more than ${this.limits.entries} files below the path: choose a folder that holds manifests only (spec.path)`;
      this.report(this.folder, 'TOO_MANY_FILES', message);
      return false;
    }
    const tab = line.indexOf(9);
    const [mode = '', , sha = '', size = ''] = line.subarray(0, tab).toString('latin1').split(/ +/);
    const name = this.nameOf(line.subarray(tab + 1));
    // Of a damaged object git knows no size; reading it will say so.
    const bytes = /^\d{1,15}$/.test(size) ? Number(size) : 0;
    return name === undefined ? true : this.takeEntry(mode, sha, bytes, name);
  }

  private nameOf(bytes: Buffer): string | undefined {
    try {
      return this.decoder.decode(bytes);
    } catch {
      const shown = this.inFolder(inAscii(bytes.toString('latin1')));
      this.report(shown, 'PATH_REFUSED', 'the name of this file is not UTF-8: rename it');
      return undefined;
    }
  }

  private takeEntry(mode: string, sha: string, size: number, name: string): boolean {
    const path = this.inFolder(name);
    const segments = name.split('/');
    if (
      /[\p{Cc}\p{Bidi_Control}\u2028\u2029\\]/u.test(name) ||
      segments.includes('..') ||
      segments.includes('')
    ) {
      const message =
        'the name of this file holds control characters (of terminals, lines or the direction of text), \\ or ..: rename it';
      this.report(inAscii(path), 'PATH_REFUSED', message);
      return true;
    }
    if (segments.some((segment) => segment.startsWith('.'))) return true;
    if (path.length > MAX_PATH) {
      const message = `the path of this file is longer than ${MAX_PATH} characters: rename it`;
      this.report(path, 'PATH_REFUSED', message);
      return true;
    }
    if (mode === '160000') {
      const message =
        'this is a submodule, which is not followed: copy its manifests, or give it a GitSource of its own';
      this.report(path, 'SUBMODULE_REFUSED', message);
      return true;
    }
    if (mode === '120000') {
      this.report(
        path,
        'LINK_REFUSED',
        'this is a symbolic link, which is not followed: put the file itself here',
      );
      return true;
    }
    if (!manifestName.test(name)) return true;
    if (size > this.limits.fileBytes) {
      this.report(
        path,
        'FILE_TOO_LARGE',
        `the file is ${size} bytes, more than ${this.limits.fileBytes}: split it`,
      );
      return true;
    }
    return this.takeManifest({ path, sha, size });
  }

  private takeManifest(entry: ManifestEntry): boolean {
    this.totalBytes += entry.size;
    if (this.entries.length >= this.limits.files) {
      const message = `there are more than ${this.limits.files} manifests below the path: split them over several sources`;
      this.report(this.folder, 'TOO_MANY_FILES', message);
      return false;
    }
    if (this.totalBytes > this.limits.totalBytes) {
      const message = `the manifests are more than ${this.limits.totalBytes} bytes together: split them over several sources`;
      this.report(this.folder, 'TREE_TOO_LARGE', message);
      return false;
    }
    this.entries.push(entry);
    return true;
  }

  private inFolder(name: string): string {
    return this.folder === '' ? name : `${this.folder}/${name}`;
  }

  private report(file: string, code: ProblemCode, message: string): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    this.problems.push(problemAt({ file: shorten(file, MAX_PATH), line: 1 }, code, message));
  }
}

function inAscii(text: string): string {
  return text.replace(/[^ -~]/g, '?');
}
