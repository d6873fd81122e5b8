import { createResourceStore, createResourceView } from '@samband/kubernetes';
import type { Logger } from '@samband/observability';
import { isOfKind, kindRef, type KubeObject } from '@samband/resources';
import type { ApiConfig } from './config.js';
import { viewIndexes, type ApiDependencies } from './ports.js';

export interface KubernetesConnection extends Pick<ApiDependencies, 'kubernetes' | 'resources'> {
  /** Resolves when the live copy is complete. */
  readonly ready: Promise<void>;
  /** Whether the API server answers and everything was listed once. */
  check(): Promise<void>;
  close(): void;
}

/** Callers wait, so the store gives up sooner than it would for a worker. */
const patience = { timeoutMs: 5000, attempts: 2 };

export async function connectKubernetes(
  { kubeconfig }: Pick<ApiConfig, 'kubeconfig'>,
  logger: Logger,
): Promise<KubernetesConnection> {
  const options = kubeconfig === undefined ? {} : { kubeconfig };
  const store = createResourceStore({ ...options, ...patience });
  const view = await createResourceView(options, {
    kinds: [kindRef('GitSource'), { ...kindRef('Rollout'), trim: trimRollout }],
    indexes: [{ name: viewIndexes.rolloutsBySource, of: sourceOfRollout }],
    onError: (what, error) => {
      logger.warn(what, { error });
    },
  });
  return {
    kubernetes: store,
    resources: view,
    ready: view.ready,
    async check() {
      // It need not exist: any answer is an answer.
      await store.get({ ...kindRef('GitSource'), namespace: 'default', name: 'readyz' });
      await view.ready;
    },
    close() {
      view.stop();
      store.close();
    },
  };
}

/** What lists do not show: up to a hundred kilobytes each. Problems are still counted. */
export function trimRollout(object: KubeObject): KubeObject {
  if (!isOfKind('Rollout', object) || object.status === undefined) return object;
  const { problems = [], problemsOmitted = 0, plan } = object.status;
  return {
    ...object,
    status: {
      ...object.status,
      steps: [],
      problems: [],
      problemsOmitted: problemsOmitted + problems.length,
      ...(plan === undefined ? {} : { plan: { ...plan, entries: [] } }),
    },
  };
}

function sourceOfRollout(object: KubeObject): string[] {
  if (!isOfKind('Rollout', object)) return [];
  return [`${object.metadata.namespace ?? ''}/${object.spec.source}`];
}
