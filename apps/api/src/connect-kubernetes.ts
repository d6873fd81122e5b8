import { SambandError } from '@samband/errors';
import { createResourceStore, createResourceView, type LiveResourceView } from '@samband/kubernetes';
import type { Logger } from '@samband/observability';
import { isOfKind, kindRef, type KubeObject } from '@samband/resources';
import type { ApiConfig } from './config.js';
import { viewIndexes, type ApiDependencies, type LiveResources } from './ports.js';

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
    resources: onceReady(view),
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

/** An incomplete copy would deny what exists, so until it is complete the answer is that Kubernetes is away. */
function onceReady(view: LiveResourceView): LiveResources {
  let isReady = false;
  view.ready.then(
    () => {
      isReady = true;
    },
    () => undefined,
  );
  const complete = (): LiveResourceView => {
    if (isReady) return view;
    throw new SambandError('KUBERNETES_UNAVAILABLE', 'the sources and rollouts have not been listed yet');
  };
  return {
    get: (ref) => complete().get(ref),
    list: (kind, namespace) => complete().list(kind, namespace),
    byIndex: (index, key) => complete().byIndex(index, key),
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
      warnings: [],
      problemsOmitted: problemsOmitted + problems.length,
      ...(plan === undefined ? {} : { plan: { ...plan, entries: [] } }),
    },
  };
}

function sourceOfRollout(object: KubeObject): string[] {
  if (!isOfKind('Rollout', object)) return [];
  return [`${object.metadata.namespace ?? ''}/${object.spec.source}`];
}
