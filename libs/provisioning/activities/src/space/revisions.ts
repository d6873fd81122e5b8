import {
  changesWhatIsWanted,
  kindRef,
  spaceOfAddress,
  type ObjectRef,
  type ResourceChange,
  type ResourceView,
} from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import { spaceKey } from './refs.js';

/** The kinds that are named after their space. */
const membersOfSpaces = ['Address', 'MessagingUser'] as const;

/**
 * Follows the addresses and users of each space in the worker's own watch: tells of spaces that must look again, and
 * counts what came, so that a run can tell whether something came in after it had read.
 */
export class SpaceRevisions {
  private readonly seen = new Map<string, number>();
  private readonly read = new Map<string, number>();
  private readonly unsubscribe: () => void;

  /**
   * @param onChange told of a space for each change, and first of every space that some object names: its change may
   *   have come while no worker watched. The space itself need not exist: its workflow says so in their status.
   */
  constructor(view: ResourceView, onChange: (space: EntityRef) => void) {
    this.unsubscribe = view.subscribe((change) => {
      const space = concerned(change);
      if (space === undefined) return;
      const key = spaceKey(space);
      this.seen.set(key, (this.seen.get(key) ?? 0) + 1);
      onChange(space);
    });
    for (const space of named(view)) onChange(space);
  }

  markRead(space: EntityRef): void {
    this.read.set(spaceKey(space), this.seen.get(spaceKey(space)) ?? 0);
  }

  /**
   * Whether a run that read the space here missed something. False where it was never read: with several workers
   * only the one on the broker's host reads and knows.
   */
  changedSinceRead(space: EntityRef): boolean {
    const read = this.read.get(spaceKey(space));
    return read !== undefined && read !== (this.seen.get(spaceKey(space)) ?? 0);
  }

  forget(space: EntityRef): void {
    for (const map of [this.seen, this.read]) map.delete(spaceKey(space));
  }

  stop(): void {
    this.unsubscribe();
  }
}

function named(view: ResourceView): Iterable<EntityRef> {
  const spaces = new Map<string, EntityRef>();
  for (const kind of membersOfSpaces) {
    for (const { metadata } of view.list(kindRef(kind))) {
      const space = spaceOf(metadata);
      if (space !== undefined) spaces.set(spaceKey(space), space);
    }
  }
  return spaces.values();
}

function concerned(change: ResourceChange): EntityRef | undefined {
  if (!membersOfSpaces.some((kind) => kind === change.ref.kind)) return undefined;
  return changesWhatIsWanted(change) ? spaceOf(change.ref) : undefined;
}

function spaceOf({ namespace, name }: Pick<ObjectRef, 'namespace' | 'name'>): EntityRef | undefined {
  const space = spaceOfAddress(name);
  return space === undefined || namespace === undefined ? undefined : { namespace, name: space };
}
