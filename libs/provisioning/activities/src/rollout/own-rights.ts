import {
  grants,
  isRbac,
  problemAt,
  rightsOfRole,
  withManifests,
  type DeclaredEntry,
  type Problem,
  type RbacObjects,
  type Right,
  type RolloutPlan,
} from '@samband/gitops';
import { describeRef, serviceAccountGroups, serviceAccountUser, type KubeObject } from '@samband/resources';
import type { Ports } from '../ports.js';
import type { RolloutContext } from './refs.js';
import { groupOf } from './rights.js';

const rbacKinds = ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'] as const;

/**
 * A commit that takes away the rights that its own way back needs could not be undone: it is refused. Only
 * commits that change roles or bindings cost the look at them; removals come after the commit point.
 */
export async function judgeOwnRights(
  ports: Ports,
  { source }: RolloutContext,
  plan: RolloutPlan,
): Promise<Problem[]> {
  const writes = plan.entries.filter(
    (entry): entry is DeclaredEntry => entry.action === 'add' || entry.action === 'change',
  );
  const changed = writes.filter(({ ref, action }) => action === 'change' && isRbac(ref));
  if (changed.length === 0) return [];
  const namespace = source.metadata.namespace ?? '';
  const subject = {
    user: serviceAccountUser(namespace, source.spec.serviceAccountName),
    groups: serviceAccountGroups(namespace),
  };
  const before = await readRbac(ports, new Set(writes.flatMap(({ ref }) => ref.namespace ?? [])));
  const after = withManifests(
    before,
    changed.map(({ manifest }) => manifest),
  );
  const needed = [...(await rightsOfWayBack(ports, writes)), ...rightsToGiveBack(before, changed)];
  const lost = needed.find((right) => grants(before, subject, right) && !grants(after, subject, right));
  if (lost === undefined) return [];
  return changed.map((entry) =>
    problemAt(
      entry,
      'RIGHTS_LOST',
      `${describeRef(entry.ref)}: after this change ${subject.user} may no longer ${lost.verb} ${lost.resource}, which undoing the commit would need; leave the right, or change it by hand outside of git`,
      entry.ref,
    ),
  );
}

async function readRbac({ store }: Ports, namespaces: ReadonlySet<string>): Promise<RbacObjects> {
  const lists = rbacKinds.flatMap((kind) => {
    const ref = { apiVersion: 'rbac.authorization.k8s.io/v1', kind };
    return kind.startsWith('Cluster')
      ? [store.list(ref)]
      : [...namespaces].map((namespace) => store.list(ref, { namespace }));
  });
  return (await Promise.all(lists)).flatMap(({ items }) => items);
}

/** The way back deletes what was added and patches what was changed. */
async function rightsOfWayBack({ store }: Ports, writes: readonly DeclaredEntry[]): Promise<Right[]> {
  const rights = new Map<string, Right>();
  for (const { ref, action } of writes) {
    const served = await store.discover(ref);
    if (served === undefined) continue;
    const group = groupOf(ref.apiVersion);
    const right = {
      verb: action === 'add' ? 'delete' : 'patch',
      group,
      resource: served.plural,
      ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
      name: ref.name,
    };
    rights.set(
      `${right.verb} ${group} ${right.resource} ${ref.namespace ?? ''} ${ref.kind === 'Address' ? '' : ref.name}`,
      right,
    );
  }
  return [...rights.values()];
}

/** Nobody may give what he does not have: a role can only be restored by who still holds what it gave. */
function rightsToGiveBack(before: RbacObjects, changed: readonly DeclaredEntry[]): Right[] {
  const isChanged = (role: KubeObject): boolean =>
    changed.some(
      ({ ref }) =>
        ref.kind === role.kind &&
        ref.name === role.metadata.name &&
        ref.namespace === role.metadata.namespace,
    );
  return before
    .filter((object) => !object.kind.endsWith('Binding') && isChanged(object))
    .flatMap(rightsOfRole);
}
