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
 * remembers of those read here whether something came in after that. What is remembered goes with the space.
 */
export class SpaceRevisions {
  private readonly changed = new Map<string, boolean>();
  private readonly unsubscribe: () => void;

  /**
   * @param onChange told of a space for each change, and first of every space that some object names: its change may
   *   have come while no worker watched. The space itself need not exist: its workflow says so in their status.
   */
  constructor(view: ResourceView, onChange: (space: EntityRef) => void) {
    this.unsubscribe = view.subscribe((change) => {
      const gone = goneSpace(change);
      if (gone !== undefined) this.changed.delete(spaceKey(gone));
      const space = concerned(change);
      if (space === undefined) return;
      if (this.changed.has(spaceKey(space))) this.changed.set(spaceKey(space), true);
      onChange(space);
    });
    for (const space of named(view)) onChange(space);
  }

  markRead(space: EntityRef): void {
    this.changed.set(spaceKey(space), false);
  }

  /**
   * Whether a run that read the space here missed something. False where it was never read: with several workers
   * only the one on the broker's host reads and knows.
   */
  changedSinceRead(space: EntityRef): boolean {
    return this.changed.get(spaceKey(space)) === true;
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

function goneSpace({ ref: { kind, namespace, name }, after }: ResourceChange): EntityRef | undefined {
  if (kind !== 'AddressSpace' || after !== undefined || namespace === undefined) return undefined;
  return { namespace, name };
}

function spaceOf({ namespace, name }: Pick<ObjectRef, 'namespace' | 'name'>): EntityRef | undefined {
  const space = spaceOfAddress(name);
  return space === undefined || namespace === undefined ? undefined : { namespace, name: space };
}
