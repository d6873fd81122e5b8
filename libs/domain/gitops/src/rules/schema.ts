import { kindNames, kinds, ourKind, parseObject, type KubeObject } from '@samband/resources';
import { applicable } from '../foreign-fields.js';
import type { ManifestDocument, PathStep } from '../manifest.js';
import { valueAt } from '../values.js';
import { formatPath, quote } from '../problems.js';
import { suggestField, type Suggestion } from '../suggest-field.js';
import type { Finding } from './rule.js';
import { sayIssue } from './say-issue.js';

/** What of a document is looked at: one that lacks a right name has no more. */
export type CheckedDocument = Pick<ManifestDocument, 'object' | 'lineOf' | 'textAtLine'>;

/**
 * Whether an object of ours fits its schema and names fields that exist; other kinds are the API server's.
 * @param most findings at most, of each of the two sorts
 */
export function checkSchema({ object, lineOf, textAtLine }: CheckedDocument, most: number): Finding[] {
  const ours = ourKind(object);
  if (ours === undefined) return checkForeign(object);
  const { kind, isServed } = ours;
  if (kind === 'Rollout') {
    const message = 'Rollouts are made by Samband, one per commit: remove it from the repository';
    return [{ code: 'KIND_REFUSED', path: ['kind'], message }];
  }
  if (!isServed) return [{ code: 'UNKNOWN_VERSION', path: ['apiVersion'], message: unserved(kind, object) }];
  const manifest = applicable(object);
  const parsed = parseObject(kind, manifest);
  const { schema } = kinds[kind];
  const textOf = (path: readonly PathStep[]): string => textAtLine(lineOf(path));
  const unknown = parsed.unknownFields
    .slice(0, most)
    .map((path) => ({ path, near: suggestField(schema, path) }));
  // A field that is missing since its name is misspelt: that is one mistake.
  const meant = new Set(unknown.map(({ near }) => near?.field));
  const issues = (parsed.ok ? [] : parsed.issues).filter(
    ({ path }) => !meant.has(formatPath(path)) || valueAt(manifest, path) !== undefined,
  );
  return [
    ...issues.slice(0, most).map((issue) => sayIssue(issue, { schema, object: manifest, textOf })),
    ...unknown.map(({ path, near }): Finding => {
      const hint = near === undefined ? 'remove it' : sayMeant(near);
      const message = `${formatPath(path).slice(0, 200)} is not a field of ${kind}: ${hint}`;
      return { code: 'UNKNOWN_FIELD', path, message };
    }),
  ];
}

function sayMeant({ field, isMisplaced }: Suggestion): string {
  return isMisplaced ? `it belongs at ${field}` : `did you mean ${field}?`;
}

function unserved(kind: keyof typeof kinds, { apiVersion }: KubeObject): string {
  const { group, versions } = kinds[kind];
  const served = versions.map((version) => `${group}/${version}`).join(' or ');
  return `${kind} has no version ${quote(apiVersion)}: use ${served}`;
}

/** A kind of ours under a group of EnMasse that it does not belong to. */
function checkForeign({ apiVersion, kind }: KubeObject): Finding[] {
  const name = kindNames.find((candidate) => candidate === kind);
  const group = apiVersion.split('/', 1).join('');
  if (name === undefined || !/(?:^|\.)(?:enmasse\.io|samband\.dev)$/.test(group)) return [];
  const right = kinds[name];
  const message = `${kind} is not of ${quote(apiVersion)}: use ${right.group}/${right.versions[0]}`;
  return [{ code: 'UNKNOWN_VERSION', path: ['apiVersion'], message }];
}
