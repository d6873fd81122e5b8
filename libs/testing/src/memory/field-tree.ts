import type { KubeObject } from '@samband/resources';

/**
 * An object as server-side apply sees it: maps all the way down, where lists that the API server merges by key
 * are maps too. Every other list is one value.
 */
export type Tree = Record<string, unknown>;

type ListType = 'set' | { readonly key: string };

/** The merged lists of all kinds that are used here. */
const mergedLists: ReadonlyMap<string, ListType> = new Map<string, ListType>([
  ['metadata.finalizers', 'set'],
  ['metadata.ownerReferences', { key: 'uid' }],
  ['status.conditions', { key: 'type' }],
]);

/** What no field manager owns. */
const unowned = new Set([
  'apiVersion',
  'kind',
  ...[
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'managedFields',
    'selfLink',
  ].map((field) => `metadata.${field}`),
]);

/** A path as a text, so that sets can hold it. */
export type Path = string;

const pathOf = (keys: readonly string[]): Path => JSON.stringify(keys);
export const keysOf = (path: Path): string[] => JSON.parse(path) as string[];

export function isMap(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function toTree(object: KubeObject): Tree {
  return eachMergedList(object, (list, type) => {
    if (!Array.isArray(list)) return list;
    return Object.fromEntries(
      list.map((item: unknown) => [type === 'set' ? String(item) : keyIn(item, type.key), item]),
    );
  });
}

export function fromTree(tree: Tree): KubeObject {
  return eachMergedList(tree, (map) => (isMap(map) ? Object.values(map) : map)) as KubeObject;
}

function keyIn(item: unknown, key: string): string {
  return isMap(item) ? String(item[key]) : '';
}

function eachMergedList(object: object, convert: (value: unknown, type: ListType) => unknown): Tree {
  const copy = copyOf(object) as Tree;
  for (const [at, type] of mergedLists) {
    const [outer = '', inner = ''] = at.split('.');
    const map = copy[outer];
    if (isMap(map) && map[inner] !== undefined) map[inner] = convert(map[inner], type);
  }
  return copy;
}

/** Paths of all values that somebody can own, with the values. An empty map is a value. */
export function leaves(tree: Tree): Map<Path, unknown> {
  const found = new Map<Path, unknown>();
  const walk = (value: unknown, keys: readonly string[]): void => {
    if (unowned.has(keys.join('.'))) return;
    if (!isMap(value) || Object.keys(value).length === 0) {
      if (keys.length > 0 && value !== undefined) found.set(pathOf(keys), value);
      return;
    }
    for (const [key, inner] of Object.entries(value)) walk(inner, [...keys, key]);
  };
  walk(tree, []);
  found.delete(pathOf(['metadata']));
  return found;
}

export function valueAt(tree: Tree, path: Path): unknown {
  let value: unknown = tree;
  for (const key of keysOf(path)) {
    if (!isMap(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** Takes a value away, and maps left empty by that. */
export function removeAt(tree: Tree, path: Path): void {
  const keys = keysOf(path);
  const parents: { map: Tree; key: string }[] = [];
  let map = tree;
  for (const [index, key] of keys.entries()) {
    parents.push({ map, key });
    const inner = map[key];
    if (index === keys.length - 1) break;
    if (!isMap(inner)) return;
    map = inner;
  }
  for (const [index, { map: parent, key }] of [...parents.entries()].reverse()) {
    const inner = parent[key];
    const isTarget = index === parents.length - 1;
    // `metadata` itself always stays.
    if (isTarget || ((index > 0 || key !== 'metadata') && isMap(inner) && Object.keys(inner).length === 0)) {
      Reflect.deleteProperty(parent, key);
    } else break;
  }
}

/** `over` on top of `under`, map by map. */
export function mergeTrees(under: Tree, over: Tree): Tree {
  const merged: Tree = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isMap(below) && isMap(value) ? mergeTrees(below, value) : value;
  }
  return merged;
}

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const merged: Tree = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, key);
    else if (value !== undefined) merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/** A copy of plain data. `structuredClone` of Jest gives objects of another realm, which equal nothing. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)])) as T;
}

/** Keys in the order in which the API server answers. */
export function inKeyOrder<T>(value: T): T {
  if (Array.isArray(value)) return value.map(inKeyOrder) as T;
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .filter((key) => value[key] !== undefined)
      .map((key) => [key, inKeyOrder(value[key])]),
  ) as T;
}

export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(inKeyOrder(a)) === JSON.stringify(inKeyOrder(b));
}
