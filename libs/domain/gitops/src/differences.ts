import type { KubeObject } from '@samband/resources';
import { isDeclaredIn, isSubset, withData } from './compare.js';
import { holdsField, type FieldPath } from './managers.js';

/** How a live object is no longer what was applied. */
export type Difference =
  | { readonly kind: 'missing' }
  /** It is being removed, and can be made again only when it is gone. */
  | { readonly kind: 'going' }
  | { readonly kind: 'changed'; readonly fields: readonly FieldPath[] };

/** More fields than these of one object are not told. */
const MAX_FIELDS = 10;

/**
 * How the object differs from what a rollout applied of it; `undefined` when it does not. What others added is no
 * difference.
 * @param manifest as it was applied: with the labels of its owner
 */
export function differenceOf(manifest: KubeObject, live: KubeObject | undefined): Difference | undefined {
  if (live === undefined) return { kind: 'missing' };
  if (live.metadata.deletionTimestamp !== undefined) return { kind: 'going' };
  if (isDeclaredIn(manifest, live, true)) return undefined;
  const fields: FieldPath[] = [];
  collect({ ...withData(manifest), apiVersion: live.apiVersion }, live, [], fields);
  return { kind: 'changed', fields };
}

/** The same without fields whose value is what the manager applied, though the API server writes it its own way. */
export function withoutRewritten(
  difference: Difference,
  live: KubeObject | undefined,
  manager: string,
): Difference | undefined {
  if (difference.kind !== 'changed' || live === undefined) return difference;
  const fields = difference.fields.filter((path) => !holdsField(manager, live, path));
  return fields.length === 0 ? undefined : { kind: 'changed', fields };
}

function collect(declared: object, live: object, path: FieldPath, found: FieldPath[]): void {
  for (const [key, value] of Object.entries(declared)) {
    if (found.length >= MAX_FIELDS) return;
    const now = Object.hasOwn(live, key) ? (live as Record<string, unknown>)[key] : undefined;
    if (isSubset(value, now, true)) continue;
    if (isFields(value) && isFields(now)) collect(value, now, [...path, key], found);
    else found.push([...path, key]);
  }
}

function isFields(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
