import type { EntityKind, EntityRef } from '@samband/contract';

/** A workflow that must look again, by the object that it serves. */
export interface Target extends EntityRef {
  readonly kind: EntityKind;
  /** Its object is gone: a workflow that does not run is not started for it. */
  readonly isGone?: true;
}

export function targetKey({ kind, namespace, name }: Target): string {
  return `${kind}/${namespace}/${name}`;
}
