import {
  copyOf,
  isSame,
  keysOf,
  leaves,
  mergeTrees,
  removeAt,
  valueAt,
  type Path,
  type Tree,
} from './field-tree.js';

/** Who set a field and how: one that applies and one that updates are two managers, whatever their names. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
}

/** Fields by manager; the keys are JSON of `Manager`. */
export type ManagedFields = ReadonlyMap<string, ReadonlySet<Path>>;

export interface FieldConflict {
  readonly field: string;
  /** As the API server prints it. */
  readonly manager: string;
  readonly name: string;
}

export type Applied =
  | { readonly ok: true; readonly tree: Tree; readonly managed: ManagedFields }
  | { readonly ok: false; readonly conflicts: readonly FieldConflict[] };

const keyOf = ({ name, operation, apiVersion }: Manager): string =>
  JSON.stringify([name, operation, operation === 'Update' ? apiVersion : '']);

/** Server-side apply: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
export function applyFields(
  live: Tree,
  managed: ManagedFields,
  config: Tree,
  manager: Manager,
  force: boolean,
): Applied {
  const key = keyOf(manager);
  const wanted = leaves(config);
  const others = [...managed].filter(([other]) => other !== key);
  const conflicts = [...wanted].flatMap(([path, value]): FieldConflict[] => {
    if (isSame(valueAt(live, path), value)) return [];
    return others
      .filter(([, paths]) => paths.has(path))
      .map(([other]) => ({ field: `.${keysOf(path).join('.')}`, ...printed(other) }));
  });
  if (conflicts.length > 0 && !force) return { ok: false, conflicts };
  const tree = copyOf(mergeTrees(live, config));
  const lost = new Set(
    [...wanted].filter(([path, value]) => !isSame(valueAt(live, path), value)).map(([path]) => path),
  );
  const next = new Map<string, ReadonlySet<Path>>(
    others.map(([other, paths]) => [other, new Set([...paths].filter((path) => !lost.has(path)))]),
  );
  for (const path of managed.get(key) ?? []) {
    if (wanted.has(path) || [...next.values()].some((paths) => paths.has(path))) continue;
    removeAt(tree, path);
  }
  next.set(key, new Set(wanted.keys()));
  return { ok: true, tree, managed: withoutEmpty(next) };
}

/** Whoever changes a field without applying owns it from then on, alone. */
export function updateFields(
  before: Tree,
  after: Tree,
  managed: ManagedFields,
  manager: Manager,
): ManagedFields {
  const key = keyOf(manager);
  const present = leaves(after);
  const changed = new Set(
    [...present].filter(([path, value]) => !isSame(valueAt(before, path), value)).map(([path]) => path),
  );
  const next = new Map<string, ReadonlySet<Path>>(
    [...managed].map(([other, paths]) => [
      other,
      new Set([...paths].filter((path) => present.has(path) && (other === key || !changed.has(path)))),
    ]),
  );
  next.set(key, new Set([...(next.get(key) ?? []), ...changed]));
  return withoutEmpty(next);
}

export function isSameManaged(a: ManagedFields, b: ManagedFields): boolean {
  const plain = (managed: ManagedFields): object =>
    Object.fromEntries([...managed].map(([key, paths]) => [key, [...paths].sort()]));
  return isSame(plain(a), plain(b));
}

/** As the API server shows it in `metadata.managedFields`. */
export function shownManaged(managed: ManagedFields): object[] {
  return [...managed].map(([key, paths]) => {
    const [manager, operation, apiVersion] = JSON.parse(key) as string[];
    const fieldsV1: Tree = {};
    for (const path of paths) {
      let at = fieldsV1;
      for (const step of keysOf(path)) at = (at[`f:${step}`] ??= {}) as Tree;
    }
    return { manager, operation, apiVersion, fieldsType: 'FieldsV1', fieldsV1 };
  });
}

function withoutEmpty(managed: ManagedFields): ManagedFields {
  return new Map([...managed].filter(([, paths]) => paths.size > 0));
}

function printed(key: string): { manager: string; name: string } {
  const [name = '', operation, apiVersion] = JSON.parse(key) as string[];
  const using = operation === 'Update' ? ` using ${String(apiVersion)}` : '';
  return { name, manager: `"${name}"${using}` };
}
