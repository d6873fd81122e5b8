import { ourKind, type KubeObject, type ObjectMeta } from '@samband/resources';
import type { PathStep } from './manifest.js';
import { nearest } from './nearest.js';
import { sayNoManifest } from './not-a-manifest.js';
import { formatPath, quote, type ProblemCode } from './problems.js';
import type { JsonValue } from './source-value.js';

export interface IdentityIssue {
  readonly code: ProblemCode;
  readonly path: readonly PathStep[];
  readonly message: string;
}

export type Identified =
  | { readonly ok: true; readonly object: KubeObject }
  | { readonly ok: false; readonly issues: readonly IdentityIssue[] };

const apiVersionForm = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?v[a-z0-9]{1,62}$/;
const kindForm = /^[A-Z][A-Za-z0-9]{0,62}$/;
const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const subdomainForm = new RegExp(`^${label}(?:\\.${label})*$`);
/** What no URL path can carry, and what does harm where names are shown, is in no name of any kind. */
const anyName = /^(?!\.{1,2}$)[^/%\s\p{Cc}\p{Bidi_Control}]+$/u;
const namespaceForm = new RegExp(`^${label}$`);
/** More than this many wrong labels or annotations say nothing new. */
const MAX_ISSUES_PER_MAP = 10;

/**
 * Looks whether a document says what it is: `apiVersion`, `kind` and `metadata`, as far as the API server asks
 * this of any object.
 */
export function identify(value: JsonValue): Identified {
  const noManifest = sayNoManifest(value);
  if (noManifest !== undefined || !isMapping(value)) {
    return { ok: false, issues: [{ code: 'NOT_AN_OBJECT', path: [], message: noManifest ?? '' }] };
  }
  const { apiVersion, kind, metadata } = value;
  const issues = [...checkType(apiVersion, kind), ...checkMetadata(metadata, isOurs(apiVersion, kind))].map(
    (issue) => ({ ...issue, message: `${issue.message}${misspelt(value, issue.path)}` }),
  );
  if (issues.length > 0 || typeof apiVersion !== 'string' || typeof kind !== 'string') {
    return { ok: false, issues };
  }
  return { ok: true, object: { ...value, apiVersion, kind, metadata: metadata as unknown as ObjectMeta } };
}

/** One of the three words that every object begins with may be there in another spelling. */
function misspelt(value: Record<string, JsonValue>, [word]: readonly PathStep[]): string {
  if (typeof word !== 'string' || Object.hasOwn(value, word)) return '';
  const near = nearest(word, Object.keys(value).slice(0, 100));
  return near === undefined || near === 'spec' ? '' : `: ${quote(near)} was probably meant to be ${word}`;
}

export function isMapping(value: JsonValue | undefined): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOurs(apiVersion: JsonValue | undefined, kind: JsonValue | undefined): boolean {
  return (
    typeof apiVersion === 'string' && typeof kind === 'string' && ourKind({ apiVersion, kind }) !== undefined
  );
}

function checkType(apiVersion: JsonValue | undefined, kind: JsonValue | undefined): IdentityIssue[] {
  return [
    ...checkText(
      'API_VERSION_INVALID',
      ['apiVersion'],
      apiVersion,
      apiVersionForm,
      'group/version, such as enmasse.io/v1beta1',
    ),
    ...checkText('KIND_INVALID', ['kind'], kind, kindForm, 'the name of a kind, such as Address'),
  ];
}

function checkMetadata(metadata: JsonValue | undefined, isOursKind: boolean): IdentityIssue[] {
  if (metadata === undefined || metadata === null) {
    return [{ code: 'NAME_INVALID', path: ['metadata'], message: 'metadata.name is required' }];
  }
  if (!isMapping(metadata)) {
    return [{ code: 'METADATA_INVALID', path: ['metadata'], message: 'metadata must be a mapping' }];
  }
  return [
    ...checkName(metadata, isOursKind),
    ...(metadata['namespace'] === undefined || metadata['namespace'] === null
      ? []
      : checkText(
          'METADATA_INVALID',
          ['metadata', 'namespace'],
          metadata['namespace'],
          namespaceForm,
          'a namespace: up to 63 lower-case letters, digits and -',
          63,
        )),
    ...checkTexts('labels', metadata['labels']),
    ...checkTexts('annotations', metadata['annotations']),
  ];
}

function checkName(metadata: Record<string, JsonValue>, isOursKind: boolean): IdentityIssue[] {
  const path = ['metadata', 'name'];
  const { name } = metadata;
  if (name === undefined && metadata['generateName'] !== undefined) {
    const message = 'generateName makes another object at each rollout: give metadata.name instead';
    return [{ code: 'NAME_INVALID', path: ['metadata', 'generateName'], message }];
  }
  // Names of other kinds follow rules of their own.
  return isOursKind
    ? checkText('NAME_INVALID', path, name, subdomainForm, 'lower-case letters, digits, - and .', 253)
    : checkText('NAME_INVALID', path, name, anyName, 'a name without / and %', 253);
}

function checkText(
  code: ProblemCode,
  path: readonly PathStep[],
  value: JsonValue | undefined,
  form: RegExp,
  wanted: string,
  max = 317,
): IdentityIssue[] {
  const field = formatPath(path);
  if (value === undefined || value === null || value === '') {
    return [{ code, path, message: `${field} is required` }];
  }
  if (typeof value !== 'string') {
    return [{ code, path, message: `${field} must be text: put it into quotes` }];
  }
  if (value.length > max || !form.test(value)) {
    return [{ code, path, message: `${field} ${quote(value)} must be ${wanted}, at most ${max} characters` }];
  }
  return [];
}

function checkTexts(field: 'labels' | 'annotations', value: JsonValue | undefined): IdentityIssue[] {
  if (value === undefined || value === null) return [];
  const path = ['metadata', field];
  if (!isMapping(value)) {
    return [{ code: 'METADATA_INVALID', path, message: `metadata.${field} must be a mapping` }];
  }
  return Object.entries(value)
    .filter(([, text]) => typeof text !== 'string')
    .slice(0, MAX_ISSUES_PER_MAP)
    .map(([key]) => ({
      code: 'METADATA_INVALID',
      path: [...path, key],
      message: `metadata.${field} ${quote(key)} must be text: put it into quotes`,
    }));
}
