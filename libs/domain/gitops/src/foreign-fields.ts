import { annotations as known, ourKind, type KubeObject } from '@samband/resources';
import { serverFields, withoutFieldsAt } from './server-fields.js';

/** A field that means something only where an object was exported from. */
export interface ForeignField {
  readonly path: readonly string[];
  /** Whose it is, as a sentence about it. */
  readonly why: string;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * What manifests exported from a cluster bring along and no rollout applies: an owner is meant by its uid there, and a
 * finalizer waits for a controller that may not be here. The one would have an object collected at once, the other keeps
 * it, and its namespace, for ever.
 */
export function foreignFields(object: KubeObject): ForeignField[] {
  const { metadata } = object;
  const found: ForeignField[] = [];
  const add = (path: readonly string[], why: string): void => void found.push({ path, why });
  if (metadata.finalizers !== undefined)
    add(['metadata', 'finalizers'], 'are set by controllers where the object was made');
  if (metadata.ownerReferences !== undefined)
    add(['metadata', 'ownerReferences'], 'name objects by uids that only the cluster of the file knows');
  for (const map of ['annotations', 'labels'] as const) {
    for (const key of Object.keys(metadata[map] ?? {})) {
      if (key === lastApplied) add(['metadata', map, key], 'is written by kubectl');
      else if (isOfEnMasse(object, key)) add(['metadata', map, key], 'was written and read by EnMasse');
    }
  }
  const spec = object['spec'];
  const isNamespace = object.apiVersion === 'v1' && object.kind === 'Namespace';
  if (isNamespace && typeof spec === 'object' && spec !== null && 'finalizers' in spec)
    add(['spec', 'finalizers'], 'are set by controllers where the namespace was made');
  return found;
}

/** On kinds of ours: what else bears such a name may be read by anybody. */
function isOfEnMasse(object: KubeObject, key: string): boolean {
  return (
    /^(?:[a-z0-9-]+\.)*enmasse\.io\//.test(key) && key !== known.definedBy && ourKind(object) !== undefined
  );
}

/** A manifest as it is applied: without what is foreign to this cluster, and what only the server writes. */
export function applicable(manifest: KubeObject): KubeObject {
  const paths = [...serverFields(manifest), ...foreignFields(manifest).map(({ path }) => path)];
  return withoutFieldsAt(manifest, paths);
}
