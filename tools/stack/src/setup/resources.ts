import { setTimeout as sleep } from 'node:timers/promises';
import { INFRA_NAMESPACE, type BulkResult, type KubeObject, type ResourceStore } from '@samband/resources';
import { readManifests } from './manifests.js';
import { operatorObjects } from './operator.js';

const fieldManager = 'samband-stack';
const record = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: INFRA_NAMESPACE,
  name: 'samband-stack',
} as const;
const crdDeadlineMs = 30_000;

/**
 * Brings our kinds, the roles of our components and the example plans into the API server, unless they are there
 * already: then it costs two requests. What people changed since is left alone until the repository changes.
 *
 * @returns how many objects were applied
 */
export async function applyResources(store: ResourceStore, repository: string): Promise<number> {
  const manifests = readManifests(repository, operatorObjects);
  const [known, established] = await Promise.all([store.get(record), establishedCrds(store)]);
  const data = known?.['data'] as Record<string, string> | undefined;
  const kinds = data?.['crds']?.split(' ') ?? [];
  if (data?.['digest'] === manifests.digest && kinds.every((name) => established.has(name))) return 0;

  const { crds, objects } = manifests.parse();
  const isNamespace = ({ kind }: KubeObject): boolean => kind === 'Namespace';
  await applyAll(store, [...crds, ...objects.filter(isNamespace)]);
  const names = crds.map(({ metadata }) => metadata.name);
  await awaitEstablished(store, names);
  await applyAll(
    store,
    objects.filter((object) => !isNamespace(object)),
  );
  const { namespace, name, ...type } = record;
  const written = {
    ...type,
    metadata: { name, namespace },
    data: { digest: manifests.digest, crds: names.join(' ') },
  };
  await store.apply(written, { fieldManager, force: true });
  return crds.length + objects.length + 1;
}

/** Kinds that are established are not always served yet: those are tried again for a while. */
async function applyAll(store: ResourceStore, objects: readonly KubeObject[]): Promise<void> {
  const deadline = performance.now() + crdDeadlineMs;
  let left = objects;
  for (;;) {
    const results: BulkResult[] = await store.applyMany(left, { fieldManager, force: true });
    const failed = left.flatMap((object, index) => {
      const result = results[index];
      return result === undefined || result.ok ? [] : [{ object, error: result.error }];
    });
    if (failed.length === 0) return;
    const isServedSoon = failed.every(
      ({ error }) => (error as { code?: unknown }).code === 'KUBERNETES_UNKNOWN_KIND',
    );
    if (!isServedSoon || performance.now() > deadline) {
      const lines = failed.map(
        ({ object, error }) => `${object.kind} ${object.metadata.name}: ${error.message}`,
      );
      throw new Error(['not accepted by the API server:', ...lines].join('\n'));
    }
    left = failed.map(({ object }) => object);
    await sleep(50);
  }
}

async function establishedCrds(store: ResourceStore): Promise<Set<string>> {
  const { items } = await store.list({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
  });
  return new Set(items.filter(isEstablished).map(({ metadata }) => metadata.name));
}

function isEstablished(crd: KubeObject): boolean {
  const status = crd['status'] as { conditions?: { type: string; status: string }[] } | undefined;
  return status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') ?? false;
}

async function awaitEstablished(store: ResourceStore, names: readonly string[]): Promise<void> {
  const deadline = performance.now() + crdDeadlineMs;
  for (;;) {
    const established = await establishedCrds(store);
    const missing = names.filter((name) => !established.has(name));
    if (missing.length === 0) return;
    if (performance.now() > deadline) throw new Error(`not established after 30 s: ${missing.join(', ')}`);
    await sleep(50);
  }
}
