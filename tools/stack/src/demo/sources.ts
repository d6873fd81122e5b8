import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { INFRA_NAMESPACE, type KubeObject, type ObjectRef, type ResourceStore } from '@samband/resources';
import type { Repository } from './repository.js';

export const teamNamespace = 'samband-demo';
const fieldManager = 'samband-demo';

/** A GitSource as the demo knows it. */
export interface Source {
  readonly namespace: string;
  readonly name: string;
  /** Where its webhooks go, and what signs them. */
  readonly hook: string;
  readonly secret: string;
}

export const opsSource = { namespace: INFRA_NAMESPACE, name: 'demo-ops', role: 'enmasse.io:service-admin' };
export const teamSource = { namespace: teamNamespace, name: 'demo-team', role: 'admin' };

/** Takes away what an earlier demo left, and waits until it is gone. */
export async function clearStage(store: ResourceStore): Promise<boolean> {
  const source = { apiVersion: 'samband.dev/v1alpha1', kind: 'GitSource' } as const;
  const leftovers: ObjectRef[] = [
    { ...source, namespace: teamSource.namespace, name: teamSource.name },
    { apiVersion: 'v1', kind: 'Namespace', name: teamNamespace },
    { ...source, namespace: opsSource.namespace, name: opsSource.name },
  ];
  let found = false;
  for (const ref of leftovers) {
    if (!(await store.delete(ref))) continue;
    found = true;
    const deadline = Date.now() + 120_000;
    while ((await store.get(ref)) !== undefined) {
      if (Date.now() > deadline)
        throw new Error(`${ref.kind} ${ref.name} of an earlier demo is not gone after 2 min`);
      await sleep(200);
    }
  }
  return found;
}

/**
 * Declares a source as a platform team would: the account that it acts as with what that may do, the webhook's
 * secret, the GitSource. It looks at the repository once an hour, so what rolls out here came by webhook.
 */
export async function declareSource(
  store: ResourceStore,
  api: string,
  which: { namespace: string; name: string; role: string },
  repository: Repository,
): Promise<Source> {
  const { namespace, name, role } = which;
  const secret = randomBytes(24).toString('hex');
  const account = `${name}-deployer`;
  const objects: KubeObject[] = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: account, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `${name}-webhook`, namespace },
      stringData: { secret },
    },
    {
      apiVersion: 'samband.dev/v1alpha1',
      kind: 'GitSource',
      metadata: { name, namespace },
      spec: {
        url: repository.url,
        ref: { branch: repository.branch },
        provider: 'github',
        webhook: { secretRef: { name: `${name}-webhook` } },
        interval: '1h',
        serviceAccountName: account,
      },
    },
  ];
  const options = { fieldManager, force: true };
  await store.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, options);
  for (const object of objects) await store.apply(object, options);
  return { namespace, name, secret, hook: `${api}/webhooks/${namespace}/${name}` };
}
