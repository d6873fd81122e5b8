import { refKey, type KubeObject, type ObjectRef } from '@samband/resources';
import { compareText } from './problems.js';

/** What must be there before what: kinds by group and name, one rank a line. Anything else comes last. */
const ranks: readonly (readonly string[])[] = [
  ['/Namespace'],
  ['apiextensions.k8s.io/CustomResourceDefinition'],
  ['/ServiceAccount'],
  ['rbac.authorization.k8s.io/ClusterRole', 'rbac.authorization.k8s.io/Role'],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', 'rbac.authorization.k8s.io/RoleBinding'],
  ['/ConfigMap', '/Secret'],
  [
    'admin.enmasse.io/AuthenticationService',
    'admin.enmasse.io/BrokeredInfraConfig',
    'admin.enmasse.io/StandardInfraConfig',
  ],
  ['admin.enmasse.io/AddressPlan'],
  ['admin.enmasse.io/AddressSpacePlan'],
  ['enmasse.io/AddressSpace'],
  ['enmasse.io/Address'],
  ['user.enmasse.io/MessagingUser'],
];

/** Addresses refer to each other: none is to be seen before what it needs. Unknown: as queues. */
const addressTypes: readonly string[] = ['deadletter', 'queue', 'subscription'];

/** Something that is applied, or only named. */
export interface Placed {
  readonly ref: ObjectRef;
  readonly manifest?: KubeObject;
}

const rankOf = new Map(ranks.flatMap((kinds, rank) => kinds.map((kind) => [kind, rank] as const)));
const GIT_SOURCE = 'samband.dev/GitSource';

function rank({ apiVersion, kind }: ObjectRef): number {
  const slash = apiVersion.indexOf('/');
  const key = `${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kind}`;
  // A source of sources begins work of its own: everything else is there by then.
  return key === GIT_SOURCE ? ranks.length + 1 : (rankOf.get(key) ?? ranks.length);
}

/** Things of the same kind and place may be applied at once; those of a later place need the earlier ones. */
export function placeWithinKind({ ref, manifest }: Placed): number {
  if (ref.kind !== 'Address') return 0;
  const { type = '' } = (manifest?.['spec'] ?? {}) as { type?: string };
  const place = addressTypes.indexOf(type);
  return place < 0 ? addressTypes.indexOf('queue') : place;
}

/** In the order of applying; the same for the same objects, whatever order they came in. */
export function sortForApply<T extends Placed>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, rank: rank(item.ref), place: placeWithinKind(item), key: refKey(item.ref) }))
    .sort((a, b) => a.rank - b.rank || a.place - b.place || compareText(a.key, b.key))
    .map(({ item }) => item);
}

/** The reverse: users before addresses before their space, namespaces at the very end. */
export function sortForRemoval<T extends Placed>(items: readonly T[]): T[] {
  return sortForApply(items).reverse();
}
