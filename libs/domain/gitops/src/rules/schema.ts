import { kindNames, kinds, ourKind, parseObject, type KubeObject } from '@samband/resources';
import { applicable } from '../foreign-fields.js';
import type { ManifestDocument } from '../manifest.js';
import { formatPath, quote } from '../problems.js';
import { suggestField } from '../suggest-field.js';
import type { Finding } from './rule.js';

/**
 * Whether an object of ours fits its schema and names fields that exist; other kinds are the API server's.
 * @param most findings at most, of each of the two sorts
 */
export function checkSchema({ object }: ManifestDocument, most: number): Finding[] {
  const ours = ourKind(object);
  if (ours === undefined) return checkForeign(object);
  const { kind, isServed } = ours;
  if (kind === 'Rollout') {
    const message = 'Rollouts are made by Samband, one per commit: remove it from the repository';
    return [{ code: 'KIND_REFUSED', path: ['kind'], message }];
  }
  if (!isServed) return [{ code: 'UNKNOWN_VERSION', path: ['apiVersion'], message: unserved(kind, object) }];
  const parsed = parseObject(kind, applicable(object));
  const issues = parsed.ok ? [] : parsed.issues;
  return [
    ...issues.slice(0, most).map(({ path, message }): Finding => {
      // Rules over several fields are sentences of their own; the schema's lack their subject.
      const lacksSubject = /^(?:must|is|expected|[A-Z])/.test(message);
      const field = formatPath(path);
      return { code: 'FIELD_INVALID', path, message: lacksSubject ? `${field} ${message}`.trim() : message };
    }),
    ...parsed.unknownFields.slice(0, most).map((path): Finding => {
      const near = suggestField(kinds[kind].schema, path);
      const hint = near === undefined ? 'remove it' : `did you mean ${formatPath(near)}?`;
      const message = `${formatPath(path).slice(0, 200)} is not a field of ${kind}: ${hint}`;
      return { code: 'UNKNOWN_FIELD', path, message };
    }),
  ];
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
