import { INFRA_NAMESPACE, type KubeObject, type ResourceStore } from '@samband/resources';

const name = 'samband-operator';
const year = 365 * 24 * 3600;

/** The account whose token `stack.env` holds: it may use every route of the api, on every object of ours. */
export const operatorObjects: readonly KubeObject[] = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: INFRA_NAMESPACE } },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: [
      {
        apiGroups: ['enmasse.io', 'user.enmasse.io', 'admin.enmasse.io', 'samband.dev'],
        resources: ['*'],
        verbs: ['*'],
      },
      { nonResourceURLs: ['*'], verbs: ['*'] },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: INFRA_NAMESPACE }],
  },
];

/** A fresh token of the operator's account, good for a year. */
export function operatorToken(store: ResourceStore): Promise<string> {
  return store.requestToken(INFRA_NAMESPACE, name, year);
}
