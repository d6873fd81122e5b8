import { SambandError } from '@samband/errors';
import { describeRef, type KubeObject, type ObjectRef } from '@samband/resources';
import { copyOf } from './field-tree.js';
import type { FieldConflict } from './managed-fields.js';
import type { Stored } from './stored-objects.js';

/** The API server answers later, never within the call. */
export function settled<A extends unknown[], R>(work: (...args: A) => R): (...args: A) => Promise<R> {
  return (...args) =>
    new Promise((resolve) => {
      resolve(work(...args));
    });
}

export function demandVersion(
  ref: ObjectRef,
  { object }: Stored,
  given: Partial<KubeObject['metadata']>,
): void {
  const { uid, resourceVersion } = object.metadata;
  const fits =
    (given.resourceVersion === undefined || given.resourceVersion === resourceVersion) &&
    (given.uid === undefined || given.uid === uid);
  if (fits) return;
  throw new SambandError(
    'KUBERNETES_CONFLICT',
    `${describeRef(ref)}: the object has been modified; please apply your changes to the latest version and try again`,
  );
}

/** An apply that names a uid makes no object. */
export function demandAbsent(ref: ObjectRef, given: KubeObject['metadata']): void {
  if (given.uid === undefined) return;
  throw new SambandError(
    'KUBERNETES_CONFLICT',
    `${describeRef(ref)}: uid mismatch: the provided object specified uid ${given.uid}, and no existing object was found`,
  );
}

/** As `toKubernetesError` of the real store tells it. */
export function fieldConflict(ref: ObjectRef, conflicts: readonly FieldConflict[]): SambandError {
  const told = conflicts.map(({ field, manager }) => `${field}: conflict with ${manager}`).join('; ');
  return new SambandError('KUBERNETES_CONFLICT', `${describeRef(ref)}: ${told}`, {
    facts: {
      status: 409,
      reason: 'Conflict',
      managers: [...new Set(conflicts.map(({ name }) => name))].join(', '),
      fields: conflicts.map(({ field }) => field).join(', '),
    },
  });
}

/** A Secret is kept with `data` alone. */
export function asStored(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object;
  if (object.kind !== 'Secret' || typeof stringData !== 'object' || stringData === null) return object;
  const encoded = Object.entries(stringData as Record<string, string>).map(
    ([key, text]) => [key, Buffer.from(text).toString('base64')] as const,
  );
  return { ...rest, data: { ...(rest['data'] as object), ...Object.fromEntries(encoded) } };
}

/** The object without what differs between two worlds that are the same. */
export function withoutVersions(object: KubeObject): unknown {
  const versions = ['uid', 'resourceVersion', 'generation', 'creationTimestamp'];
  const metadata = Object.entries(object.metadata).filter(([field]) => !versions.includes(field));
  const rest = Object.entries(object).filter(([field]) => field !== 'status');
  return copyOf({ ...Object.fromEntries(rest), metadata: Object.fromEntries(metadata) });
}

export function keyInList({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
