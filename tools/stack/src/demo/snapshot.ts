import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ResourceStore } from '@samband/resources';

/** Everything that makes up a team's messaging, by name: what must be the same after a way back. */
export type Snapshot = ReadonlyMap<string, unknown>;

const kinds = [
  { apiVersion: 'enmasse.io/v1beta1', kind: 'AddressSpace' },
  { apiVersion: 'enmasse.io/v1beta1', kind: 'Address' },
  { apiVersion: 'user.enmasse.io/v1beta1', kind: 'MessagingUser' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'Secret' },
] as const;

/** Takes the objects of a namespace with what counts of them; `ignore` leaves some out by name. */
export async function takeSnapshot(
  store: ResourceStore,
  namespace: string,
  ignore: (object: KubeObject) => boolean,
): Promise<Snapshot> {
  const lists = await Promise.all(kinds.map((kind) => store.list(kind, { namespace })));
  const objects = lists.flatMap(({ items }, index) =>
    items
      .filter((item) => !ignore(item))
      .map((item) => [`${kinds[index]?.kind ?? ''} ${item.metadata.name}`, whatCounts(item)] as const),
  );
  return new Map(objects);
}

/** The wish, the data, and of the status what is in force; not versions, generations, times. */
function whatCounts(object: KubeObject): unknown {
  const { spec, data, rules, roleRef, subjects } = object;
  const status = (object['status'] ?? {}) as Record<string, unknown>;
  const { isReady, phase, messages, messageTtl, messageRedelivery, exports, endpointStatuses, caCert } =
    status;
  // Not since when: a queue that was about to come back is parked anew.
  const parked = ((status['parkedAddresses'] ?? []) as Record<string, unknown>[]).map((one) => ({
    address: one['address'],
    messages: one['messages'],
  }));
  const fields = {
    isReady,
    phase,
    messages,
    messageTtl,
    messageRedelivery,
    exports,
    endpointStatuses,
    caCert,
  };
  const inForce = { ...fields, parked };
  return { uid: object.metadata.uid, spec, data, rules, roleRef, subjects, inForce };
}

/** Names of what differs, each with how. */
export function differences(before: Snapshot, after: Snapshot): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    if (!after.has(name)) return [`${name} is gone`];
    if (!before.has(name)) return [`${name} is new`];
    return isDeepStrictEqual(before.get(name), after.get(name)) ? [] : [`${name} is not the same`];
  });
}
