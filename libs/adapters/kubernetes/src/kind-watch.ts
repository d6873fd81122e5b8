import { errorCode } from '@samband/errors';
import { refOf, type KindRef, type KubeObject, type ServedKind } from '@samband/resources';
import type { Discovery } from './discovery.js';
import { acceptHeader, listAll } from './lists.js';
import { collectionPath, query } from './paths.js';
import { withKind } from './requests.js';
import { backoff, pause, type Transport } from './transport.js';
import type { ViewCache } from './view-cache.js';
import { readWatch, type WatchEvent } from './watch-stream.js';

/** A kind that a view holds. */
export interface ViewKind extends KindRef {
  /** Only objects of this namespace. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  /** Hold `metadata` only. */
  readonly metadataOnly?: boolean;
  /** Leaves out what nobody reads of an object, to save memory. Managed fields always go. */
  readonly trim?: (object: KubeObject) => KubeObject;
}

export interface KindWatchOptions {
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly cache: ViewCache;
  readonly signal: AbortSignal;
  /** Called after each complete list. */
  readonly onListed: () => void;
  readonly onState: (connected: boolean, error: unknown) => void;
}

const maxDelayMs = 3000;
const idleMs = 150_000;
const forbiddenMs = 10_000;
/** After so many refusals in a row what is known of the server's history is doubted, e.g. it was restored. */
const doubtAfter = 4;

/** Lists and watches one kind for ever, into the cache. Never rejects; ends with the signal. */
export async function watchKind(kind: ViewKind, options: KindWatchOptions): Promise<void> {
  const { transport, discovery, cache, signal } = options;
  let resourceVersion: string | undefined;
  let failures = 0;
  while (!isStopped(signal)) {
    try {
      const served = await discovery.require(kind);
      if (resourceVersion === undefined) {
        const list = await listAll(transport, served, listRequest(kind, signal));
        cache.replaceAll(kind, list.items);
        resourceVersion = list.resourceVersion;
        options.onListed();
      }
      const began = performance.now();
      const end = await watchOnce(served, kind, resourceVersion, options, (version) => {
        resourceVersion = version;
        failures = 0;
      });
      if (end === 'expired') resourceVersion = undefined;
      if (end === 'refused') options.onState(false, new Error('the API server ended the watch'));
      // A server that ends each watch at once must not be asked in a busy loop.
      failures = end === 'refused' || performance.now() - began < 1000 ? failures + 1 : 0;
    } catch (error) {
      if (isStopped(signal)) return;
      failures += 1;
      options.onState(false, error);
      // Rights are not granted from one second to the next.
      if (errorCode(error) === 'KUBERNETES_FORBIDDEN') await rest(forbiddenMs, signal);
    }
    if (failures >= doubtAfter) resourceVersion = undefined;
    if (failures > 0) await rest(backoff(failures, 100, maxDelayMs), signal);
  }
}

/** Asked anew after each wait, which the compiler does not expect of a property. */
function isStopped(signal: AbortSignal): boolean {
  return signal.aborted;
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return pause(ms, signal).catch(() => undefined);
}

type WatchResult = 'ended' | 'expired' | 'refused';

async function watchOnce(
  served: ServedKind,
  kind: ViewKind,
  from: string,
  { transport, discovery, cache, signal, onState }: KindWatchOptions,
  onVersion: (resourceVersion: string) => void,
): Promise<WatchResult> {
  // Spread, so that the watches of many processes do not end in the same second.
  const timeoutSeconds = String(240 + Math.floor(Math.random() * 120));
  const parameters = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: from,
    timeoutSeconds,
    labelSelector: kind.labelSelector,
  };
  const seen = { expired: false, failed: false };
  const onEvent = ({ type, object }: WatchEvent): void => {
    if (type === 'ERROR') {
      // Status of the API: 410 means that the history from there on is gone (api-concepts, "410 Gone").
      seen.expired ||= statusCode(object) === 410;
      seen.failed = true;
      return;
    }
    const current = type === 'BOOKMARK' ? undefined : trimmed(withKind(object, served), kind);
    if (current === undefined) onVersion(versionOf(object) ?? from);
    else {
      if (type === 'DELETED') cache.remove(refOf(current));
      else cache.put(current);
      onVersion(current.metadata.resourceVersion ?? from);
    }
  };
  const end = await readWatch(
    await transport.connection.endpoint(),
    {
      path: collectionPath(served, kind.namespace) + query(parameters),
      accept: acceptHeader('PartialObjectMetadata', kind.metadataOnly),
      idleMs,
      signal,
      onOpen: () => {
        onState(true, undefined);
      },
    },
    onEvent,
  );
  if (end.status === 401) transport.connection.refresh();
  if (end.status === 404) discovery.forget(kind.apiVersion);
  if (seen.expired || end.status === 410) return 'expired';
  return seen.failed || end.status !== 200 ? 'refused' : 'ended';
}

function listRequest(kind: ViewKind, signal: AbortSignal): Parameters<typeof listAll>[2] {
  return {
    ...(kind.namespace === undefined ? {} : { namespace: kind.namespace }),
    ...(kind.labelSelector === undefined ? {} : { labelSelector: kind.labelSelector }),
    metadataOnly: kind.metadataOnly === true,
    signal,
    keep: (object) => trimmed(object, kind),
  };
}

function trimmed(object: KubeObject, kind: ViewKind): KubeObject {
  delete object.metadata['managedFields'];
  return kind.trim === undefined ? object : kind.trim(object);
}

function statusCode(object: unknown): number | undefined {
  const code = typeof object === 'object' && object !== null && 'code' in object ? object.code : undefined;
  return typeof code === 'number' ? code : undefined;
}

function versionOf(object: unknown): string | undefined {
  const { metadata } = object as { metadata?: { resourceVersion?: unknown } };
  return typeof metadata?.resourceVersion === 'string' ? metadata.resourceVersion : undefined;
}
