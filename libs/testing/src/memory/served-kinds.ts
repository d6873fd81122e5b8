import { kindNames, kinds, type KindRef, type ServedKind } from '@samband/resources';

/** How the API server treats the objects of a kind. */
export interface KindTraits extends ServedKind {
  /** Whether `metadata.generation` counts the changes of what is desired. */
  readonly hasGeneration: boolean;
  /** Whether `.status` is written through `/status` only. */
  readonly hasStatus: boolean;
  /** A custom resource is replaced with its resource version only. */
  readonly isCustom: boolean;
}

interface Builtin {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly cluster?: true;
  readonly generation?: true;
}

const rbac = 'rbac.authorization.k8s.io/v1';
const builtins: readonly Builtin[] = [
  { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', cluster: true },
  { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' },
  { apiVersion: 'v1', kind: 'Secret', plural: 'secrets' },
  { apiVersion: 'v1', kind: 'Service', plural: 'services' },
  { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts' },
  { apiVersion: 'v1', kind: 'Event', plural: 'events' },
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', generation: true },
  { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', generation: true },
  { apiVersion: rbac, kind: 'Role', plural: 'roles' },
  { apiVersion: rbac, kind: 'RoleBinding', plural: 'rolebindings' },
  { apiVersion: rbac, kind: 'ClusterRole', plural: 'clusterroles', cluster: true },
  { apiVersion: rbac, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', cluster: true },
];

/** Our kinds in every served version, and the built-in ones that commits usually hold. */
export function servedKinds(): Map<string, KindTraits> {
  const found = new Map<string, KindTraits>();
  for (const { apiVersion, kind, plural, cluster, generation } of builtins) {
    found.set(keyOfKind({ apiVersion, kind }), {
      apiVersion,
      kind,
      plural,
      namespaced: cluster !== true,
      hasGeneration: generation === true,
      hasStatus: generation === true,
      isCustom: false,
    });
  }
  for (const name of kindNames) {
    const { group, versions, plural, scope } = kinds[name];
    for (const version of versions) {
      const apiVersion = `${group}/${version}`;
      found.set(keyOfKind({ apiVersion, kind: name }), {
        apiVersion,
        kind: name,
        plural,
        namespaced: scope === 'Namespaced',
        hasGeneration: true,
        hasStatus: true,
        isCustom: true,
      });
    }
  }
  return found;
}

export function keyOfKind({ apiVersion, kind }: KindRef): string {
  return `${apiVersion} ${kind}`;
}
