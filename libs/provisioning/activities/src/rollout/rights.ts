import {
  serviceAccountGroups,
  serviceAccountUser,
  type ObjectRef,
  type ServedKind,
} from '@samband/resources';
import type { Ports } from '../ports.js';
import type { RolloutContext } from './refs.js';

/** What may be done with an object, or without its name with all of its kind in the namespace. */
export type RightTo = Pick<ObjectRef, 'apiVersion' | 'kind' | 'namespace'> & { readonly name?: string };

/** Asks the API server whether the source's service account may do something to objects of a served kind. */
export async function mayDo(
  { store }: Ports,
  { source }: RolloutContext,
  verb: 'delete' | 'list',
  { plural }: Pick<ServedKind, 'plural'>,
  { apiVersion, namespace, name }: RightTo,
): Promise<boolean> {
  const home = source.metadata.namespace ?? '';
  return store.reviewAccess({
    user: serviceAccountUser(home, source.spec.serviceAccountName),
    groups: serviceAccountGroups(home),
    verb,
    group: groupOf(apiVersion),
    resource: plural,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  });
}

/** As RBAC names it: empty for the core kinds. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
