import type { KubeObject } from '@samband/resources';
import type { Kind, Kube } from './kube.js';

const kinds = [
  'AddressSpace',
  'Address',
  'MessagingUser',
  'ConfigMap',
  'Secret',
  'Role',
  'RoleBinding',
] as const satisfies readonly Kind[];

/** Types of the Secrets in which rollouts and sources keep what they must know. */
const ownKeeping: ReadonlySet<unknown> = new Set(['samband.dev/snapshot', 'samband.dev/inventory']);

/** What stands in the way of comparing: versions and times go on though nothing else changes. */
const moving = new Set([
  'resourceVersion',
  'generation',
  'observedGeneration',
  'managedFields',
  'lastTransitionTime',
]);

/**
 * Everything a team has in its namespace, as comparable data by `Kind/name`. What rollouts and sources keep for
 * themselves is left out, and so is what Kubernetes puts into each namespace.
 */
export async function stateOf(kube: Kube, namespace: string): Promise<Record<string, unknown>> {
  const lists = await Promise.all(kinds.map((kind) => kube.list(kind, namespace)));
  const objects = lists
    .flat()
    .filter(({ type, metadata }) => !ownKeeping.has(type) && metadata.name !== 'kube-root-ca.crt');
  return Object.fromEntries(
    objects.map((object) => [`${object.kind}/${object.metadata.name}`, still(object)] as const).sort(byName),
  );
}

function still(value: KubeObject): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (moving.has(key) ? undefined : inner)));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
