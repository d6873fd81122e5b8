import type { KubeObject } from '@samband/resources';

/** Keys from an object's root to a field. */
export type FieldPath = readonly string[];

/** An entry of `metadata.managedFields`: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
interface ManagedEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

/** Whether an object was server-side applied by this field manager: what a person copies or edits is not. */
export function isAppliedBy(manager: string, object: KubeObject): boolean {
  return entriesOf(object).some((entry) => entry.manager === manager && entry.operation === 'Apply');
}

/**
 * Whether the very value of a field is what this manager applied: whoever writes another one takes the field away from it.
 * A value that differs from the manifest all the same was rewritten by the API server. Of a list whose items have owners of
 * their own nothing is known.
 */
export function holdsField(manager: string, object: KubeObject, path: FieldPath): boolean {
  return entriesOf(object).some(
    (entry) =>
      entry.manager === manager && entry.operation === 'Apply' && coverage(entry.fieldsV1, path) === 'whole',
  );
}

/**
 * Who has changed a field: its managers but this one; of a field that was taken away, whoever wrote the object last.
 */
export function changedBy(manager: string, object: KubeObject, path: FieldPath): string | undefined {
  const others = entriesOf(object).filter(
    (entry) => entry.manager !== manager && entry.subresource === undefined,
  );
  const holders = others.filter((entry) => coverage(entry.fieldsV1, path) !== 'none');
  const latest = (holders.length > 0 ? holders : others).toSorted((a, b) => timeOf(a) - timeOf(b)).at(-1);
  return latest?.manager;
}

function entriesOf({ metadata }: KubeObject): readonly ManagedEntry[] {
  const entries = metadata['managedFields'];
  return Array.isArray(entries) ? (entries as ManagedEntry[]) : [];
}

function coverage(fields: ManagedEntry['fieldsV1'], path: FieldPath): 'whole' | 'part' | 'none' {
  let at: unknown = fields;
  for (const key of path) {
    if (isLeaf(at)) return 'whole';
    at = (at as Record<string, unknown> | undefined)?.[`f:${key}`];
    if (typeof at !== 'object' || at === null) return 'none';
  }
  return isLeaf(at) ? 'whole' : at === undefined ? 'none' : 'part';
}

function isLeaf(fields: unknown): boolean {
  return typeof fields === 'object' && fields !== null && Object.keys(fields).length === 0;
}

function timeOf({ time }: ManagedEntry): number {
  return time === undefined ? 0 : Date.parse(time) || 0;
}
