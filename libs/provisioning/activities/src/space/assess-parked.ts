import type { ParkedSpace } from '@samband/resources';
import type { EntityRef, SpaceAssessment } from '@samband/contract';
import type { Ports } from '../ports.js';
import type { SpaceInfra } from './infra-secret.js';
import { isDue } from './park-time.js';
import type { ParkedRecord } from './parked-record.js';
import { endOfParking, parkedSpaceRef, tellParkedSpace } from './parked-space.js';
import { namespaceRef } from './refs.js';

/**
 * Whether what is kept for a space is still that space's to have: the namespace that it was in is there, and stays. One
 * of the same name that was made later never sees it.
 */
export async function isStillOwned(
  ports: Ports,
  ref: EntityRef,
  { namespaceUid }: ParkedRecord,
): Promise<boolean> {
  const namespace = await ports.store.get(namespaceRef(ref.namespace));
  return namespace?.metadata.uid === namespaceUid && namespace.metadata.deletionTimestamp === undefined;
}

/** What is kept for a space that is gone: told to its team until its time is over. */
export async function assessParked(
  ports: Ports,
  ref: EntityRef,
  infra: SpaceInfra | undefined,
): Promise<SpaceAssessment> {
  const record = infra?.parked;
  if (infra === undefined || record === undefined) {
    // It lists nothing any more: whoever forgot the rest was killed before this.
    await ports.store.delete(parkedSpaceRef(ref));
    return { kind: 'absent' };
  }
  const { hostId } = infra;
  if (!(await isStillOwned(ports, ref, record))) return { kind: 'expired', hostId };
  const parked = (await ports.store.get(parkedSpaceRef(ref))) as ParkedSpace | undefined;
  const destroyAt = endOfParking(record, parked);
  if (isDue(ports, destroyAt)) return { kind: 'expired', hostId };
  await tellParkedSpace(ports, ref, record);
  return { kind: 'parked', destroyAt };
}
