import type { KubeObject } from '@samband/resources';

/** Metadata that only the API server writes; files made with `kubectl get -o yaml` hold it. */
const serverMetadata = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
];

/** What controllers set on a live object, whoever made it. */
const controllerMetadata = ['finalizers', 'ownerReferences'];

/** Paths of an object's fields that no manifest decides. */
export function serverFields(object: KubeObject): string[][] {
  const status = object['status'] === undefined ? [] : [['status']];
  return [...status, ...metadataOf(object, serverMetadata)];
}

/** A live object without what the server and controllers write of it: as somebody may have declared it. */
export function withoutServerFields(object: KubeObject): KubeObject {
  return withoutFieldsAt(object, [...serverFields(object), ...metadataOf(object, controllerMetadata)]);
}

function metadataOf({ metadata }: KubeObject, keys: readonly string[]): string[][] {
  return keys.filter((key) => key in metadata).map((key) => ['metadata', key]);
}

/** The same object where there is nothing to leave out. Maps that become empty go too, but for `metadata`. */
export function withoutFieldsAt(object: KubeObject, paths: readonly (readonly string[])[]): KubeObject {
  return paths.reduce<KubeObject>((rest, path) => without(rest, path) as KubeObject, object);
}

function without(map: object, [key = '', ...inner]: readonly string[]): object {
  const value = (map as Record<string, unknown>)[key];
  const entries = Object.entries(map);
  if (inner.length === 0) return Object.fromEntries(entries.filter(([other]) => other !== key));
  if (typeof value !== 'object' || value === null) return map;
  const rest = without(value, inner);
  const isGone = Object.keys(rest).length === 0 && key !== 'metadata';
  return isGone ? without(map, [key]) : { ...map, [key]: rest };
}
