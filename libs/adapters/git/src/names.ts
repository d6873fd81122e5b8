import { SambandError } from '@samband/errors';
import type { ObjectFormat } from './cache.js';

const badBranch = /^[-/]|[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|^\.|\/$|\.$|\.lock$|\.lock\//;

/** The name of a branch as git allows it; anything else, options and patterns included, cannot exist. */
export function checkBranch(branch: string): string {
  if (branch !== '' && branch.length <= 244 && branch !== '@' && !badBranch.test(branch)) return branch;
  throw new SambandError(
    'GIT_REF_NOT_FOUND',
    'spec.ref.branch is not the name of a branch: write it without refs/heads/',
  );
}

export function checkCommit(commit: string): ObjectFormat {
  if (/^[0-9a-f]{40}$/.test(commit)) return 'sha1';
  if (/^[0-9a-f]{64}$/.test(commit)) return 'sha256';
  throw new SambandError('GIT_COMMIT_NOT_FOUND', 'a commit is named by its full sha');
}

/** `.`, `./a/b/` and `a/b` as git names folders: `''` and `a/b`. */
export function checkFolder(folder: string): string {
  const segments = folder.split('/').filter((segment) => segment !== '' && segment !== '.');
  const isOutside = folder.startsWith('/') || segments.includes('..');
  if (isOutside || /[\0-\x1f\x7f\\]/.test(folder) || folder.length > 1024) {
    throw new SambandError(
      'GIT_URL_REFUSED',
      'spec.path must be a folder inside the repository, without .. and \\',
    );
  }
  return segments.join('/');
}
