import {
  findStrangers,
  isAppliedBy,
  isSameOwner,
  ownerOf,
  type Inventory,
  type LiveObjects,
  type ManifestDocument,
  type Owner,
} from '@samband/gitops';
import { describeRef, isFinished, refKey, refOf, type KubeObject } from '@samband/resources';
import type { Ports } from '../ports.js';
import { Snapshots } from '../snapshots.js';
import type { InventoryItem, SourceInventory } from './inventory.js';
import type { LastGood } from './live.js';
import { rolloutsOf } from './made.js';
import { parts, type PlanSnapshot } from './model.js';
import { readerOf, type RolloutContext } from './refs.js';

interface Situation {
  readonly documents: readonly ManifestDocument[];
  readonly live: LiveObjects;
  readonly lastGood: LastGood;
  readonly owner: Owner;
}

/**
 * The inventory with what it misses: everything, after an upgrade from a release that kept none; and what a worker applied
 * that died before it could note so, where no other has taken its rollout further since. Of what is found nothing has to
 * be found again.
 */
export async function completeInventory(
  ports: Ports,
  context: RolloutContext,
  kept: SourceInventory,
  { documents, live, lastGood, owner }: Situation,
): Promise<{ readonly inventory: Inventory; readonly strangers: readonly KubeObject[] }> {
  const found: InventoryItem[] = [];
  if (!kept.isKept) {
    for (const [key, object] of live) {
      if (lastGood.manifests.has(key) && isSameOwner(ownerOf(object), owner)) found.push(itemOf(object));
    }
  }
  const uids = new Map([...kept.uids, ...found.map(({ ref, uid }) => [refKey(ref), uid] as const)]);
  const strangers: KubeObject[] = [];
  const unknown = findStrangers({ documents, live, inventory: uids, owner });
  const isMeant = unknown.length === 0 ? () => false : await attempted(ports, context, kept, lastGood);
  for (const object of unknown) {
    const isOwn = isMeant(object) && isAppliedBy(context.fieldManager, await whole(ports, context, object));
    if (!isOwn) {
      strangers.push(object);
      continue;
    }
    found.push(itemOf(object));
    uids.set(refKey(refOf(object)), object.metadata.uid);
  }
  await kept.update({ applied: found });
  return { inventory: uids, strangers };
}

/**
 * Of which objects it can be that the source applied them although nothing is noted: any, where nothing ever was; else
 * those of the last good commit and of rollouts that are stuck, unless another object of the name is noted.
 */
async function attempted(
  ports: Ports,
  { source, rollout }: RolloutContext,
  kept: SourceInventory,
  lastGood: LastGood,
): Promise<(object: KubeObject) => boolean> {
  if (!kept.isKept) return () => true;
  const { uids } = kept;
  const names = new Set(lastGood.manifests.keys());
  for (const other of await rolloutsOf(ports, source)) {
    const phase = other.status?.phase ?? 'Pending';
    const isStuck = phase === 'Failed' || !isFinished(phase);
    if (!isStuck || other.metadata.name === rollout.metadata.name) continue;
    const plan = (await new Snapshots(ports.store).readIfThere(other, parts.plan)) as
      PlanSnapshot | undefined;
    for (const { ref } of plan?.entries ?? []) names.add(refKey(ref));
  }
  return (object) => {
    const key = refKey(refOf(object));
    return names.has(key) && !uids.has(key);
  };
}

/** The watch drops who manages which fields. */
async function whole(
  { store }: Ports,
  { identity }: RolloutContext,
  object: KubeObject,
): Promise<KubeObject> {
  if (object.metadata['managedFields'] !== undefined) return object;
  const ref = refOf(object);
  const read = await store.get(ref, readerOf(ref, identity));
  return read !== undefined && read.metadata.uid === object.metadata.uid ? read : object;
}

export function itemOf(object: KubeObject): InventoryItem {
  return { ref: refOf(object), uid: object.metadata.uid ?? '' };
}

/** Named in one Event: whoever copied them may not know what the labels mean. */
const strangersNamed = 5;

export async function tellStrangers(
  { events }: Ports,
  { rollout }: RolloutContext,
  strangers: readonly KubeObject[],
): Promise<void> {
  if (strangers.length === 0) return;
  const named = strangers.slice(0, strangersNamed).map((object) => describeRef(refOf(object)));
  const more = strangers.length > named.length ? ` and ${strangers.length - named.length} more` : '';
  await events.record(
    rollout,
    'Warning',
    'NotOfThisSource',
    `${named.join(', ')}${more} carry the labels of this source, but no rollout of it applied them: they are left; take the labels off, or remove them by hand`,
  );
}
