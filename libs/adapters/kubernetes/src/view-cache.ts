import {
  keyOf,
  refKey,
  refOf,
  type KindRef,
  type KubeObject,
  type ObjectRef,
  type ResourceChange,
} from '@samband/resources';

/** Something that objects are found by besides their name, e.g. the space of an address. */
export interface ViewIndex {
  readonly name: string;
  /** Keys of an object of any kind of the view; none when it does not belong into the index. Pure. */
  of(object: KubeObject): readonly string[];
}

type Objects = Map<string, KubeObject>;

/** The objects of a view in memory, with their indexes. Emits a change for each that makes a difference. */
export interface ViewCache {
  get(ref: ObjectRef): KubeObject | undefined;
  list(kind: KindRef, namespace?: string): readonly KubeObject[];
  byIndex(index: string, key: string): readonly KubeObject[];
  /** An object was added or changed. The same one again (after a reconnect) changes nothing. */
  put(object: KubeObject): void;
  remove(ref: ObjectRef): void;
  /** Makes the objects of a kind exactly these; what is missing was deleted while nobody watched. */
  replaceAll(kind: KindRef, objects: readonly KubeObject[]): void;
}

export function createViewCache(
  indexes: readonly ViewIndex[],
  emit: (change: ResourceChange) => void,
): ViewCache {
  const kinds = new Map<string, Map<string, Objects>>();
  const byName = new Map(indexes.map((index) => [index.name, { index, keys: new Map<string, Objects>() }]));

  const bucket = (ref: ObjectRef): Objects | undefined => kinds.get(kindKey(ref))?.get(ref.namespace ?? '');

  const reindex = (id: string, before: KubeObject | undefined, after: KubeObject | undefined): void => {
    for (const { index, keys } of byName.values()) {
      for (const key of before === undefined ? [] : index.of(before)) {
        const objects = keys.get(key);
        objects?.delete(id);
        if (objects?.size === 0) keys.delete(key);
      }
      if (after === undefined) continue;
      for (const key of index.of(after)) entry(keys, key).set(id, after);
    }
  };

  const remove = (ref: ObjectRef): void => {
    const objects = bucket(ref);
    const before = objects?.get(ref.name);
    if (objects === undefined || before === undefined) return;
    objects.delete(ref.name);
    if (objects.size === 0) kinds.get(kindKey(ref))?.delete(ref.namespace ?? '');
    reindex(refKey(ref), before, undefined);
    emit({ ref: refOf(before), before, after: undefined });
  };

  const put = (after: KubeObject): void => {
    const ref = refOf(after);
    const before = bucket(ref)?.get(ref.name);
    if (before !== undefined && before.metadata.resourceVersion === after.metadata.resourceVersion) return;
    if (before !== undefined && before.metadata.uid !== after.metadata.uid) {
      // Deleted and made anew while nobody watched: whoever cares for the old one must hear of its end.
      remove(ref);
      put(after);
      return;
    }
    const namespaces = entry(kinds, kindKey(ref), () => new Map<string, Objects>());
    entry(namespaces, ref.namespace ?? '').set(ref.name, after);
    reindex(refKey(ref), before, after);
    emit({ ref, before, after });
  };

  return {
    get: (ref) => bucket(ref)?.get(ref.name),
    list(kind, namespace) {
      const namespaces = kinds.get(kindKey(kind));
      if (namespace !== undefined) return [...(namespaces?.get(namespace)?.values() ?? [])];
      return [...(namespaces?.values() ?? [])].flatMap((objects) => [...objects.values()]);
    },
    byIndex(index, key) {
      const found = byName.get(index);
      if (found === undefined) throw new Error(`the view has no index ${index}`);
      return [...(found.keys.get(key)?.values() ?? [])];
    },
    put,
    remove,
    replaceAll(kind, objects) {
      const present = new Set(objects.map((object) => keyOf(object)));
      const known = [...(kinds.get(kindKey(kind))?.values() ?? [])].flatMap((held) => [...held.values()]);
      for (const object of known) if (!present.has(keyOf(object))) remove(refOf(object));
      for (const object of objects) put(object);
    },
  };
}

/** Two served versions of one kind are the same objects. */
function kindKey({ apiVersion, kind }: KindRef): string {
  return `${apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''}/${kind}`;
}

function entry(map: Map<string, Objects>, key: string): Objects;
function entry<V>(map: Map<string, V>, key: string, create: () => V): V;
function entry(map: Map<string, unknown>, key: string, create: () => unknown = () => new Map()): unknown {
  const existing = map.get(key);
  if (existing !== undefined) return existing;
  const created = create();
  map.set(key, created);
  return created;
}
