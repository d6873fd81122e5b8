import type { KubeObject, ObjectRef } from './object.js';

/**
 * The Kubernetes API as the provisioner uses it. Failures are thrown as catalogue errors (`KUBERNETES_*`,
 * `NOT_FOUND`); an object that is not there reads as `undefined`.
 */
export interface ResourceStore {
  /** `as`: user name to impersonate. */
  get(ref: ObjectRef, options?: Pick<WriteOptions, 'as'>): Promise<KubeObject | undefined>;
  /** Reads every page. `resourceVersion` is the list's own. */
  list(kind: KindRef, options?: ListOptions): Promise<{ items: KubeObject[]; resourceVersion: string }>;
  /** Fails with CONFLICT when the object exists. */
  create(object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** Replaces the whole object; compares `metadata.resourceVersion` when it is set. */
  replace(object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** Server-side apply of one object. */
  apply(object: KubeObject, options: ApplyOptions): Promise<KubeObject>;
  /** Server-side apply of many, pipelined; one object's failure does not stop the others. */
  applyMany(objects: readonly KubeObject[], options: ApplyManyOptions): Promise<BulkResult[]>;
  /** JSON merge patch of the object itself (labels, annotations, finalizers). */
  patch(ref: ObjectRef, patch: object, options?: WriteOptions): Promise<KubeObject>;
  /**
   * Sets fields of `.status`; the others stay, and `null` takes one away. With `resourceVersion` the write is
   * dropped when the object has changed since.
   * @returns what became of it
   */
  patchStatus(write: StatusWrite): Promise<StatusOutcome>;
  patchStatusMany(writes: readonly StatusWrite[], options?: BulkOptions): Promise<StatusOutcome[]>;
  /** Deleting what is not there succeeds and returns `false`. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<boolean>;
  deleteMany(
    refs: readonly (ObjectRef & Pick<DeleteOptions, 'uid' | 'resourceVersion'>)[],
    options?: DeleteOptions & BulkOptions,
  ): Promise<BulkResult[]>;
  /** How the API serves a kind; `undefined` when it does not. */
  discover(kind: KindRef): Promise<ServedKind | undefined>;
  /** TokenReview. `undefined` when the token is not valid. */
  reviewToken(token: string): Promise<{ username: string; groups: string[] } | undefined>;
  /** SubjectAccessReview for a user, or for the impersonated one when `as` is given. */
  reviewAccess(question: AccessQuestion): Promise<boolean>;
  /** TokenRequest for a service account. */
  requestToken(namespace: string, serviceAccount: string, seconds: number): Promise<string>;
}

export interface KindRef {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface ServedKind extends KindRef {
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  /** `metadata` of each object, and nothing else of it. */
  readonly metadataOnly?: boolean;
}

export interface WriteOptions {
  readonly fieldManager?: string;
  /** User name to impersonate; no group header is sent. */
  readonly as?: string;
  readonly dryRun?: boolean;
  /** Once aborted nothing more is sent, also no further attempt; what is on its way is awaited. */
  readonly signal?: AbortSignal;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  readonly force?: boolean;
}

export interface DeleteOptions {
  readonly as?: string;
  /** Of the object that is meant: another one is left alone, and the answer is `false`. */
  readonly uid?: string;
  /** Of the object as it was judged: KUBERNETES_CONFLICT when it has changed since. */
  readonly resourceVersion?: string;
  readonly dryRun?: boolean;
  /** As of any write. */
  readonly signal?: AbortSignal;
}

export interface BulkOptions {
  /** Requests in flight; default 32. */
  readonly concurrency?: number;
  /** Called after each object with the number done so far; used for heartbeats. */
  readonly onProgress?: (done: number) => void;
  /** Once aborted nothing more is sent. The call rejects with its reason when what was on its way has ended. */
  readonly signal?: AbortSignal;
}

export interface ApplyManyOptions extends ApplyOptions, BulkOptions {
  /** Called for each object as it was written: a call that is stopped has no other way to tell. */
  readonly onApplied?: (object: KubeObject, index: number) => void;
}

/** In the order of the input. */
export type BulkResult = { ok: true; object: KubeObject | undefined } | { ok: false; error: Error };

export interface StatusWrite {
  readonly ref: ObjectRef;
  readonly status: object;
  /** Of the object that the status was computed from. */
  readonly resourceVersion?: string;
}

export type StatusOutcome = 'written' | 'conflict' | 'gone';

export interface AccessQuestion {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** A live, in-memory copy of some kinds, fed by watches. Objects are shared: never change them. */
export interface ResourceView {
  get(ref: ObjectRef): KubeObject | undefined;
  /** All objects of a kind, or those of a namespace. O(result). */
  list(kind: KindRef, namespace?: string): readonly KubeObject[];
  /** Objects of an index that the view was made with, e.g. the addresses of a space. O(result). */
  byIndex(index: string, key: string): readonly KubeObject[];
  /** Calls back after each change, with the object before and after; returns the way to stop. */
  subscribe(listener: (change: ResourceChange) => void): () => void;
}

export interface ResourceChange {
  readonly ref: ObjectRef;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
}
