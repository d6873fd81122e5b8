import { setMaxListeners } from 'node:events';
import { describeKind } from './paths.js';
import type { ResourceChange, ResourceView } from '@samband/resources';
import type { KubernetesOptions } from './connection.js';
import { createDiscovery } from './discovery.js';
import { watchKind, type ViewKind } from './kind-watch.js';
import { createTransport } from './transport.js';
import { createViewCache, type ViewIndex } from './view-cache.js';

export interface ResourceViewOptions {
  readonly kinds: readonly ViewKind[];
  readonly indexes?: readonly ViewIndex[];
  /** Told once when a watch fails, until it works again, and when a listener throws; the view goes on by itself. */
  readonly onError?: (what: string, error: unknown) => void;
}

export interface LiveResourceView extends ResourceView {
  /** Resolves when every kind was listed once. Rejects when the view is stopped before. */
  readonly ready: Promise<void>;
  /** Kinds without a working watch at this moment, e.g. `Address (enmasse.io/v1beta1)`. */
  disconnected(): readonly string[];
  stop(): void;
}

/**
 * A live copy of some kinds: lists, then watches from there on. It survives everything that happens to the API
 * server: a broken connection goes on from the last version seen, and where that is gone the kind is listed
 * again and the difference told, deletions included. Listeners are first called during the first list.
 */
export function createResourceView(
  options: KubernetesOptions,
  { kinds, indexes = [], onError = () => undefined }: ResourceViewOptions,
): Promise<LiveResourceView> {
  const transport = createTransport(options);
  const discovery = createDiscovery(transport);
  const stopping = new AbortController();
  // One for each kind and request; Node warns of a leak at eleven.
  setMaxListeners(0, stopping.signal);
  const listeners = new Set<(change: ResourceChange) => void>();
  const down = new Set(kinds);
  const told = new Set<ViewKind>();
  const cache = createViewCache(indexes, (change) => {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        onError('a listener failed', error);
      }
    }
  });

  const listed = kinds.map(
    (kind) =>
      new Promise<void>((resolve, reject) => {
        void watchKind(kind, {
          transport,
          discovery,
          cache,
          signal: stopping.signal,
          onListed: resolve,
          onState: (connected, error) => {
            if (connected) {
              down.delete(kind);
              told.delete(kind);
              return;
            }
            down.add(kind);
            if (told.has(kind)) return;
            told.add(kind);
            onError(`the watch of ${describeKind(kind)} failed`, error);
          },
        }).then(() => {
          reject(new Error('the view was stopped'));
        });
      }),
  );
  const ready = Promise.all(listed).then(() => undefined);
  // Whoever does not wait for it must not be ended by it.
  ready.catch(() => undefined);

  return Promise.resolve({
    ready,
    get: (ref) => cache.get(ref),
    list: (kind, namespace) => cache.list(kind, namespace),
    byIndex: (index, key) => cache.byIndex(index, key),
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    disconnected: () => [...down].map(describeKind),
    stop() {
      stopping.abort(new Error('the view was stopped'));
      transport.connection.close();
    },
  });
}
