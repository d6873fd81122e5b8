import { keyOf, labels, type KubeObject, type ObjectRef } from '@samband/resources';
import type { ManifestDocument } from './manifest.js';

/** The GitSource that a rollout is of. */
export interface Owner {
  readonly source: string;
  readonly sourceNamespace: string;
}

/** Objects of the API server by `refKey`: everything the commit names, and everything the source owns or last applied. */
export type LiveObjects = ReadonlyMap<string, KubeObject>;

/** An object of the last good commit. */
export interface LastGoodEntry {
  readonly ref: ObjectRef;
  /** `refKey` of it, made once: a commit may hold tens of thousands, and each is asked for several times. */
  readonly key: string;
  /** Of the manifest as it was applied. */
  readonly digest: string;
}

/**
 * What rollouts of a source have applied and not removed since: uids by `refKey`. `undefined` where it was applied by a
 * release that noted no uids.
 */
export type Inventory = ReadonlyMap<string, string | undefined>;

/** Whether the source has applied this very object: another one of its name, or a copy with its labels, is not it. */
export function isInventoried(inventory: Inventory, key: string, { metadata }: KubeObject): boolean {
  if (!inventory.has(key)) return false;
  const uid = inventory.get(key);
  return uid === undefined || uid === metadata.uid;
}

/** Who a live object says it was applied by; `undefined` when no source claims it. */
export function ownerOf(object: KubeObject | undefined): Owner | undefined {
  const source = object?.metadata.labels?.[labels.source];
  const sourceNamespace = object?.metadata.labels?.[labels.sourceNamespace];
  return source === undefined || sourceNamespace === undefined ? undefined : { source, sourceNamespace };
}

export function isSameOwner(a: Owner | undefined, b: Owner): boolean {
  return a?.source === b.source && a.sourceNamespace === b.sourceNamespace;
}

export interface RemovalInput {
  readonly documents: readonly ManifestDocument[];
  readonly live: LiveObjects;
  readonly inventory: Inventory;
  readonly owner: Owner;
  readonly prune: boolean;
}

/** Live objects that the source has applied, that nobody else has claimed since, and that the commit no longer holds. */
export function findRemovals(input: RemovalInput): KubeObject[] {
  const { owner, prune, inventory } = input;
  if (!prune) return [];
  return undeclared(input).flatMap(([key, object]) => {
    const claim = ownerOf(object);
    const isFree = claim === undefined || isSameOwner(claim, owner);
    return isFree && isInventoried(inventory, key, object) ? [object] : [];
  });
}

/**
 * Live objects that carry the labels of the source although none of its rollouts has applied them: copies, and what
 * somebody made anew. They are nobody's to remove but theirs who made them.
 */
export function findStrangers(input: Omit<RemovalInput, 'prune'>): KubeObject[] {
  return undeclared(input).flatMap(([key, object]) =>
    isSameOwner(ownerOf(object), input.owner) && !isInventoried(input.inventory, key, object) ? [object] : [],
  );
}

function undeclared({ documents, live }: Pick<RemovalInput, 'documents' | 'live'>): [string, KubeObject][] {
  const desired = new Set(documents.map(({ object }) => keyOf(object)));
  return [...live].filter(
    ([key, { metadata }]) => !desired.has(key) && metadata.deletionTimestamp === undefined,
  );
}
