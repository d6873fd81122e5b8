import { describeRef, harmless, type ObjectRef } from '@samband/resources';
import type { PathStep } from './manifest.js';
import type { Problem } from './ports.js';

/**
 * Everything that can be wrong with a commit. `mistake`: the commit itself must change. `missing`: what it needs
 * is not there now and may come without a commit, so the same commit is planned again later.
 */
export const problemClasses = {
  // The tree
  LINK_REFUSED: 'mistake',
  SUBMODULE_REFUSED: 'mistake',
  LFS_POINTER_REFUSED: 'mistake',
  PATH_REFUSED: 'mistake',
  PATH_NOT_FOUND: 'mistake',
  TOO_MANY_FILES: 'mistake',
  FILE_TOO_LARGE: 'mistake',
  TREE_TOO_LARGE: 'mistake',
  // The text
  NOT_UTF8: 'mistake',
  BYTE_ORDER_MARK: 'mistake',
  CONTROL_CHARACTER: 'mistake',
  CONFLICT_MARKERS: 'mistake',
  SYNTAX: 'mistake',
  DUPLICATE_KEY: 'mistake',
  TAG_REFUSED: 'mistake',
  KEY_REFUSED: 'mistake',
  ALIAS_REFUSED: 'mistake',
  VALUE_REFUSED: 'mistake',
  TOO_DEEP: 'mistake',
  TOO_MANY_DOCUMENTS: 'mistake',
  // The object
  NOT_AN_OBJECT: 'mistake',
  API_VERSION_INVALID: 'mistake',
  KIND_INVALID: 'mistake',
  NAME_INVALID: 'mistake',
  METADATA_INVALID: 'mistake',
  KIND_REFUSED: 'mistake',
  DUPLICATE_OBJECT: 'mistake',
  UNKNOWN_VERSION: 'mistake',
  UNKNOWN_FIELD: 'mistake',
  FIELD_INVALID: 'mistake',
  // What it refers to
  NAMESPACE_UNFIT: 'mistake',
  SPACE_TYPE_NOT_OFFERED: 'mistake',
  USER_TYPE_NOT_OFFERED: 'mistake',
  SPACE_NOT_FOUND: 'missing',
  AUTHENTICATION_SERVICE_NOT_FOUND: 'missing',
  AUTHENTICATION_SERVICE_UNFIT: 'missing',
  SECRET_NOT_FOUND: 'missing',
  PLAN_NOT_FOUND: 'missing',
  PLAN_NOT_LISTED: 'missing',
  PLAN_UNUSABLE: 'missing',
  PLAN_UNFIT: 'mistake',
  ADDRESS_NOT_FOUND: 'missing',
  ADDRESS_TYPE_UNFIT: 'mistake',
  ADDRESS_DUPLICATE: 'mistake',
  ADDRESS_RESERVED: 'mistake',
  USERNAME_DUPLICATE: 'mistake',
  NAME_IN_USE: 'mistake',
  PATTERN_UNUSABLE: 'mistake',
  OBJECT_WRITTEN_ELSEWHERE: 'missing',
  // What the API server and the service account's rights say
  KIND_NOT_SERVED: 'missing',
  NAMESPACE_NOT_FOUND: 'missing',
  SERVICE_ACCOUNT_NOT_FOUND: 'missing',
  FORBIDDEN: 'missing',
  REFUSED_BY_SERVER: 'mistake',
  RIGHTS_LOST: 'mistake',
  // The change
  IMMUTABLE_FIELD: 'mistake',
  OBJECT_CLAIMED: 'missing',
  OBJECT_TERMINATING: 'missing',
  QUOTA_EXCEEDED: 'missing',
} as const satisfies Record<string, 'mistake' | 'missing'>;

export type ProblemCode = keyof typeof problemClasses;

/** Of what is accepted, but worth knowing. */
export const warningCodes = [
  'ADDRESS_HARD_TO_NAME',
  'KIND_LEFT_OUT',
  'KEY_REPLACED',
  'NAMESPACE_REPLACED',
  'SUBJECT_ELSEWHERE',
  'DEPRECATED_VERSION',
  'DRIFT_MODE_UNKNOWN',
  'FIELD_WITHOUT_EFFECT',
  'PASSWORD_IN_GIT',
  'SERVER_FIELD_IGNORED',
  'FOREIGN_FIELD_IGNORED',
] as const;

export type WarningCode = (typeof warningCodes)[number];

/** Where a problem stands: a document, or a bare file and line. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Longest message of a problem; a key of a commit that stands in it may be megabytes long. */
const MESSAGE_MAX = 2_000;

export function problemAt(
  place: Place,
  code: ProblemCode | WarningCode,
  message: string,
  ref?: ObjectRef,
): Problem {
  return {
    file: harmless(place.file),
    line: place.line,
    resource: ref === undefined ? '' : describeRef(ref),
    code,
    // Shortened before too: what is made harmless becomes longer.
    message: shorten(harmless(shorten(message, MESSAGE_MAX)), MESSAGE_MAX),
  };
}

/** `missing` when every problem may pass without a new commit; codes of other steps count as mistakes. */
export function classOfProblems(problems: readonly Problem[]): 'mistake' | 'missing' {
  const isMissing = ({ code }: Problem): boolean =>
    Object.hasOwn(problemClasses, code) && problemClasses[code as ProblemCode] === 'missing';
  return problems.length > 0 && problems.every(isMissing) ? 'missing' : 'mistake';
}

export function sortProblems(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (a, b) =>
      compareText(a.file, b.file) ||
      a.line - b.line ||
      compareText(a.code, b.code) ||
      compareText(a.message, b.message),
  );
}

/** By code unit, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `spec.endpoints[0].name`, as people write it. */
export function formatPath(path: readonly PathStep[]): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
}

/** Text of a commit inside a message: short, on one line, without what steers a terminal or the text around it. */
export function quote(text: string, max = 80): string {
  return harmless(JSON.stringify(shorten(text, max)));
}

function shorten(text: string, max: number): string {
  return text.length > max ? `${wholeCharacters(text, max)}…` : text;
}

/** The beginning of a text, with no half of a character at its end. */
function wholeCharacters(text: string, max: number): string {
  return text.slice(0, max).replace(/[\uD800-\uDBFF]$/, '');
}
