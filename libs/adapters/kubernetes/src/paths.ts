import { SambandError } from '@samband/errors';
import { describeRef, type KindRef, type ObjectRef, type ServedKind } from '@samband/resources';

/** `/api/v1` or `/apis/<group>/<version>`. */
export function versionPath(apiVersion: string): string {
  const segments = apiVersion.split('/').map((part) => segment(part, `apiVersion "${apiVersion}"`));
  if (segments.length === 1) return `/api/${segments.join('')}`;
  if (segments.length === 2) return `/apis/${segments.join('/')}`;
  throw new SambandError('KUBERNETES_INVALID', `"${apiVersion}" is no apiVersion`);
}

export function collectionPath(served: ServedKind, namespace: string | undefined): string {
  const base = versionPath(served.apiVersion);
  if (!served.namespaced || namespace === undefined) return `${base}/${served.plural}`;
  return `${base}/namespaces/${segment(namespace, 'the namespace')}/${served.plural}`;
}

/** Throws KUBERNETES_INVALID for an object that can have no path: no namespace, or a name like `..`. */
export function objectPath(served: ServedKind, ref: ObjectRef, subresource?: string): string {
  requireNamespace(served, ref);
  const path = `${collectionPath(served, ref.namespace)}/${segment(ref.name, `the name of ${describeRef(ref)}`)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** Whether an object of these names can exist at all: one that cannot is never there, and never has to go. */
export function canExist({ namespace, name }: ObjectRef): boolean {
  return isSegment(name) && (namespace === undefined || isSegment(namespace));
}

export function requireNamespace(served: ServedKind, ref: ObjectRef): void {
  if (served.namespaced && ref.namespace === undefined) {
    throw new SambandError('KUBERNETES_INVALID', `${describeRef(ref)}: has no namespace`);
  }
}

/** Query parameters that have a value, with the question mark. */
export function query(parameters: Readonly<Record<string, string | boolean | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== false && value !== '')
      search.set(name, value === true ? 'true' : value);
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

export function describeKind(kind: KindRef): string {
  return `${kind.kind} (${kind.apiVersion})`;
}

/** Names come from git: `..` would climb to another path, since the server tidies paths before it looks. */
function segment(value: string, what: string): string {
  if (!isSegment(value))
    throw new SambandError('KUBERNETES_INVALID', `${what} cannot be part of a path of the Kubernetes API`);
  return encodeURIComponent(value);
}

function isSegment(value: string): boolean {
  return (
    value !== '' && value !== '.' && value !== '..' && !/[/%\\\0-\x1f]/.test(value) && value.length <= 253
  );
}
