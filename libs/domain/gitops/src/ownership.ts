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
  /** Of the object that was applied; one that was made anew since by someone else is left alone. */
  readonly uid?: string;
}

/** Who a live object says it was applied by; `undefined` when no source claims it. */
export function ownerOf({ metadata }: KubeObject): Owner | undefined {
  const source = metadata.labels?.[labels.source];
  const sourceNamespace = metadata.labels?.[labels.sourceNamespace];
  return source === undefined || sourceNamespace === undefined ? undefined : { source, sourceNamespace };
}

export function isSameOwner(a: Owner | undefined, b: Owner): boolean {
  return a?.source === b.source && a.sourceNamespace === b.sourceNamespace;
}

export interface RemovalInput {
  readonly documents: readonly ManifestDocument[];
  readonly live: LiveObjects;
  readonly lastGood: readonly LastGoodEntry[];
  readonly owner: Owner;
  readonly prune: boolean;
}

/**
 * Live objects that the commit no longer holds: those with the source's labels, and those of the last good commit
 * that nobody else has claimed or made anew since.
 */
export function findRemovals({ documents, live, lastGood, owner, prune }: RemovalInput): KubeObject[] {
  if (!prune) return [];
  const desired = new Set(documents.map(({ object }) => keyOf(object)));
  const known = new Map(lastGood.map((entry) => [entry.key, entry]));
  const removals: KubeObject[] = [];
  for (const [key, object] of live) {
    if (desired.has(key) || object.metadata.deletionTimestamp !== undefined) continue;
    const claim = ownerOf(object);
    const entry = known.get(key);
    const isKnown = entry !== undefined && (entry.uid === undefined || entry.uid === object.metadata.uid);
    if (isSameOwner(claim, owner) || (claim === undefined && isKnown)) removals.push(object);
  }
  return removals;
}
