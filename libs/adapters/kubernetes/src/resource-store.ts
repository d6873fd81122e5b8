import { errorCode } from '@samband/errors';
import {
  ourKind,
  refOf,
  type BulkResult,
  type KindRef,
  type KubeObject,
  type ResourceStore,
  type StatusOutcome,
  type StatusWrite,
  type WriteOptions,
} from '@samband/resources';
import { pipeline, type Outcome } from './bulk.js';
import type { KubernetesOptions } from './connection.js';
import { recordEvent, type EventRecord } from './events.js';
import { listAll } from './lists.js';
import { canExist, collectionPath, objectPath, query, requireNamespace } from './paths.js';
import { createRequests, parseObject, type Requests } from './requests.js';
import { createReviews } from './reviews.js';
import { Traffic } from './traffic.js';
import { createTransport, type ApiRequest } from './transport.js';

export interface KubernetesStore extends ResourceStore {
  /** Writes an Event about an object; never throws. @returns whether it was written */
  recordEvent(record: EventRecord): Promise<boolean>;
  /** Closes the connections. */
  close(): void;
}

const mergePatch = 'application/merge-patch+json';
const applyPatch = 'application/apply-patch+yaml';

/**
 * The Kubernetes API as a store. Connections are kept and shared; what the API server cannot do at the moment
 * (429, 5xx, no connection) is tried again for about 3 s, then it is KUBERNETES_UNAVAILABLE.
 */
export function createResourceStore(options: KubernetesOptions = {}): KubernetesStore {
  const traffic = new Traffic();
  const transport = createTransport(options, traffic);
  const requests = createRequests(transport);

  const store: KubernetesStore = {
    ...createReviews(requests),
    ...createWrites(requests),
    discover: (kind) => requests.discovery.find(kind),

    async get(ref, readOptions = {}) {
      if (!canExist(ref)) return undefined;
      const build = (served: Parameters<typeof objectPath>[0]) =>
        ({ method: 'GET', path: objectPath(served, ref), as: readOptions.as }) as const;
      const answer = await requests.answer(ref, build, [404]);
      return answer.status === 404 ? undefined : parseObject(answer.body, ref);
    },

    async list(kind, listOptions = {}) {
      return listAll(transport, await requests.discovery.require(kind), listOptions);
    },

    async patchStatusMany(writes, bulk) {
      const outcomes = await pipeline(
        writes,
        (write) => patchStatus(requests, write, bulk?.signal),
        traffic,
        bulk,
      );
      return outcomes.map((outcome) => {
        // The port has no word for a failed write; unlike a conflict it must not pass for done.
        if (!outcome.ok) throw outcome.error;
        return outcome.value;
      });
    },
    async applyMany(objects, options) {
      const apply = async (object: KubeObject, index: number): Promise<KubeObject> => {
        const applied = await store.apply(object, options);
        options.onApplied?.(applied, index);
        return applied;
      };
      return toResults(await pipeline(objects, apply, traffic, options));
    },
    async deleteMany(refs, options = {}) {
      const remove = async (ref: (typeof refs)[number]): Promise<undefined> => {
        const { uid, resourceVersion } = ref;
        const given = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
        await store.delete(ref, { ...options, ...given });
        return undefined;
      };
      return toResults(await pipeline(refs, remove, traffic, options));
    },
    recordEvent: (record) => recordEvent(store, record),
    close: () => {
      transport.connection.close();
    },
  };
  return store;
}

type Writes = Pick<ResourceStore, 'create' | 'replace' | 'apply' | 'patch' | 'patchStatus' | 'delete'>;

function createWrites(requests: Requests): Writes {
  return {
    create: (object, options = {}) =>
      requests.object(refOf(object), (served) => {
        requireNamespace(served, refOf(object));
        const path = collectionPath(served, object.metadata.namespace) + query(writeQuery(object, options));
        return { method: 'POST', path, body: object, ...sending(options) };
      }),

    replace: (object, options = {}) =>
      requests.object(refOf(object), (served) => {
        const path = objectPath(served, refOf(object)) + query(writeQuery(object, options));
        return { method: 'PUT', path, body: object, ...sending(options) };
      }),

    apply: (object, options) =>
      requests.object(refOf(object), (served) => {
        const parameters = { ...writeQuery(object, options), force: options.force };
        return {
          method: 'PATCH',
          path: objectPath(served, refOf(object)) + query(parameters),
          contentType: applyPatch,
          // JSON is YAML; the server refuses an apply that carries managed fields.
          body: withoutManagedFields(object),
          ...sending(options),
        };
      }),

    patch: (ref, patch, options = {}) =>
      requests.object(ref, (served) => ({
        method: 'PATCH',
        path: objectPath(served, ref) + query(writeQuery(ref, options)),
        contentType: mergePatch,
        body: patch,
        ...sending(options),
      })),

    patchStatus: (write) => patchStatus(requests, write),

    async delete(ref, options = {}) {
      if (!canExist(ref)) return false;
      const { uid, resourceVersion } = options;
      const preconditions =
        uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion };
      try {
        const build = (served: Parameters<typeof objectPath>[0]) =>
          ({
            method: 'DELETE',
            path: objectPath(served, ref),
            // The server reads no parameters beside a body: a dry run asked for in the path would delete.
            body: {
              apiVersion: 'v1',
              kind: 'DeleteOptions',
              ...(options.dryRun === true ? { dryRun: ['All'] } : {}),
              propagationPolicy: 'Background',
              ...(preconditions === undefined ? {} : { preconditions }),
            },
            ...sending(options),
          }) as const;
        const answer = await requests.answer(ref, build, [404]);
        return answer.status !== 404;
      } catch (error) {
        // Another object has the name now: the one that was meant is gone.
        if (uid !== undefined && isOfAnother(error)) return false;
        throw error;
      }
    },
  };
}

/** Field manager of every status write. */
export const statusManager = 'samband-status';

async function patchStatus(
  requests: Requests,
  { ref, status, resourceVersion }: StatusWrite,
  signal?: AbortSignal,
): Promise<StatusOutcome> {
  const build = (served: Parameters<typeof objectPath>[0]) =>
    ({
      method: 'PATCH',
      path: objectPath(served, ref, 'status') + query({ fieldManager: statusManager }),
      contentType: mergePatch,
      body: { status, ...(resourceVersion === undefined ? {} : { metadata: { resourceVersion } }) },
      signal,
    }) as const;
  const answer = await requests.answer(ref, build, [404, 409]);
  if (answer.status === 404) return 'gone';
  return answer.status === 409 ? 'conflict' : 'written';
}

/** The API server compares the uid first, and names what differs in its message alone. */
function isOfAnother(error: unknown): boolean {
  const { message } = error as Error;
  return errorCode(error) === 'KUBERNETES_CONFLICT' && message.includes('UID in the precondition');
}

function sending({ as, signal }: Pick<WriteOptions, 'as' | 'signal'>): Pick<ApiRequest, 'as' | 'signal'> {
  return { as, signal };
}

function writeQuery(kind: KindRef, options: WriteOptions): Record<string, string | undefined> {
  return {
    fieldManager: options.fieldManager ?? 'samband',
    dryRun: dryRun(options.dryRun),
    // A misspelt field must not vanish in silence. Ours are read with their schemas, which tell of unknown
    // fields and let them pass, as EnMasse did.
    fieldValidation: ourKind(kind) === undefined ? 'Strict' : 'Ignore',
  };
}

function dryRun(wanted: boolean | undefined): string | undefined {
  return wanted === true ? 'All' : undefined;
}

function withoutManagedFields(object: KubeObject): KubeObject {
  if (object.metadata['managedFields'] === undefined) return object;
  const metadata = { ...object.metadata };
  delete metadata['managedFields'];
  return { ...object, metadata };
}

function toResults(outcomes: readonly Outcome<KubeObject | undefined>[]): BulkResult[] {
  return outcomes.map((outcome) => (outcome.ok ? { ok: true, object: outcome.value } : outcome));
}
