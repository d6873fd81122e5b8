import { spaceOfAddress, type ResourceChange, type ResourceView } from '@samband/resources';
import type { EntityRef } from '@samband/contract';

/**
 * Counts what the watch saw of each space, so that a run can tell whether something came in after it had read:
 * the signal that started it and the watch it reads from are two streams, and either may be ahead.
 */
export class SpaceRevisions {
  private readonly seen = new Map<string, number>();
  private readonly read = new Map<string, number>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly unsubscribe: () => void;

  /** @param onUnread told of a space whose change nobody has read `delayMs` after it came */
  constructor(view: ResourceView, onUnread: (space: EntityRef) => void, delayMs = 2_000) {
    this.unsubscribe = view.subscribe((change) => {
      const space = concerned(change);
      if (space === undefined) return;
      const key = keyOf(space);
      this.seen.set(key, (this.seen.get(key) ?? 0) + 1);
      if (this.timers.has(key)) return;
      const timer = setTimeout(() => {
        this.timers.delete(key);
        // Nobody here read it: that may have been missed by all.
        if (this.read.get(key) !== this.seen.get(key)) onUnread(space);
      }, delayMs);
      timer.unref();
      this.timers.set(key, timer);
    });
  }

  markRead(space: EntityRef): void {
    this.read.set(keyOf(space), this.seen.get(keyOf(space)) ?? 0);
  }

  /**
   * Whether a run that read the space here missed something. False where it was never read: with several workers
   * only the one on the broker's host reads and knows.
   */
  changedSinceRead(space: EntityRef): boolean {
    const read = this.read.get(keyOf(space));
    return read !== undefined && read !== (this.seen.get(keyOf(space)) ?? 0);
  }

  forget(space: EntityRef): void {
    for (const map of [this.seen, this.read]) map.delete(keyOf(space));
  }

  stop(): void {
    this.unsubscribe();
    for (const timer of this.timers.values()) clearTimeout(timer);
  }
}

/** Only what changes the desired state: status writes, ours or not, say nothing new. */
function concerned({ ref, before, after }: ResourceChange): EntityRef | undefined {
  if (ref.kind !== 'Address' && ref.kind !== 'MessagingUser') return undefined;
  const space = spaceOfAddress(ref.name);
  if (space === undefined || ref.namespace === undefined) return undefined;
  const same =
    before !== undefined &&
    after !== undefined &&
    before.metadata.generation === after.metadata.generation &&
    before.metadata.uid === after.metadata.uid &&
    before.metadata.deletionTimestamp === after.metadata.deletionTimestamp;
  return same ? undefined : { namespace: ref.namespace, name: space };
}

function keyOf({ namespace, name }: EntityRef): string {
  return `${namespace}/${name}`;
}
