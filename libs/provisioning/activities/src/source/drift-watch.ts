import { ownerOf } from '@samband/gitops';
import {
  kindRef,
  refKey,
  type KubeObject,
  type ObjectRef,
  type ResourceChange,
  type ResourceView,
} from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import { sourceRef } from '../rollout/refs.js';

/** An object that may no longer be as its source applied it. */
export interface Suspect {
  readonly ref: ObjectRef;
  /** It was deleted, so that what has its name now may be another one. */
  readonly wasDeleted: boolean;
}

/** So many suspects of one source are told apart; beyond, all its objects are looked at. */
const SUSPECTS_MAX = 20_000;

/** What this worker knows of the objects of one source. */
export class Watched {
  /** By `refKey`; those that were found to differ stay until they no longer do. */
  suspects = new Map<string, Suspect>();
  /**
   * The rollout whose commit was in force at the last look. Set once all its objects were looked at: from then on every
   * change of one makes it a suspect.
   */
  rollout: string | undefined;
  /** Objects of that commit that nobody watches, by `refKey`. */
  others = new Map<string, ObjectRef>();
  /** When the objects that nobody watches were last read, by the clock that nobody sets, ms. */
  readAt = -Infinity;
  /** Versions of those that were found as they should be, by `refKey`. */
  fine = new Map<string, string>();

  constructor(readonly uid: string | undefined) {}

  add(suspect: Suspect): void {
    const key = refKey(suspect.ref);
    const wasDeleted = suspect.wasDeleted || this.suspects.get(key)?.wasDeleted === true;
    this.suspects.set(key, { ...suspect, wasDeleted });
    if (this.suspects.size <= SUSPECTS_MAX) return;
    this.suspects.clear();
    this.rollout = undefined;
  }
}

/**
 * Follows, in the worker's own watch, the objects that carry the labels of a source: remembers which of them were
 * changed or deleted, and tells their source to look. Whose doing it was is found out then. What carries the labels without
 * being the source's costs it a look, and no more.
 */
export class DriftWatch {
  private readonly sources = new Map<string, Watched>();
  private readonly unsubscribe: () => void;

  /** @param onSuspect told of a source for each change, and first of every source: what changed before is not known */
  constructor(
    private readonly view: ResourceView,
    onSuspect: (source: EntityRef) => void,
  ) {
    this.unsubscribe = view.subscribe((change) => {
      const source = isSuspicious(change) ? claimOf(change.before) : undefined;
      const found = source === undefined ? undefined : view.get(sourceRef(source));
      if (source === undefined || found === undefined) return;
      const wasDeleted =
        change.after === undefined || change.after.metadata.uid !== change.before?.metadata.uid;
      this.of(source, found.metadata.uid).add({ ref: change.ref, wasDeleted });
      onSuspect(source);
    });
    for (const { metadata } of view.list(kindRef('GitSource')))
      onSuspect({ namespace: metadata.namespace ?? '', name: metadata.name });
  }

  /** @param uid of the source: one that was made again is another one */
  of({ namespace, name }: EntityRef, uid: string | undefined): Watched {
    const key = `${namespace}/${name}`;
    const known = this.sources.get(key);
    if (known !== undefined && known.uid === uid) return known;
    const watched = new Watched(uid);
    this.sources.set(key, watched);
    return watched;
  }

  /** Objects of a source that is gone are nobody's. */
  forget({ namespace, name }: EntityRef): void {
    this.sources.delete(`${namespace}/${name}`);
  }

  stop(): void {
    this.unsubscribe();
  }
}

function claimOf(object: KubeObject | undefined): EntityRef | undefined {
  const owner = object === undefined ? undefined : ownerOf(object);
  return owner === undefined ? undefined : { namespace: owner.sourceNamespace, name: owner.source };
}

/** Neither what is new nor what only a status says of it can be drift of what was there. */
function isSuspicious({ ref, before, after }: ResourceChange): boolean {
  if (before === undefined || ref.kind === 'Rollout') return false;
  if (after === undefined) return true;
  const [was, is] = [before.metadata, after.metadata];
  return (
    was.generation !== is.generation ||
    was.uid !== is.uid ||
    was.deletionTimestamp !== is.deletionTimestamp ||
    !isSameText(was.labels, is.labels) ||
    !isSameText(was.annotations, is.annotations)
  );
}

function isSameText(a: Record<string, string> = {}, b: Record<string, string> = {}): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
