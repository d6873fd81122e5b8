import type { AddressSpace } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import type { SpaceInfra } from './infra-secret.js';
import { clearParkedRecord } from './parked-record.js';
import { parkedSpaceRef } from './parked-space.js';

/**
 * A space came back and its broker runs with what was kept: it is parked no longer. Its addresses find their queues, and
 * queues that nobody declares any more are parked by themselves. Idempotent.
 */
export async function endParking(
  ports: Ports,
  ref: EntityRef,
  id: string,
  space: AddressSpace,
  { parked }: SpaceInfra,
): Promise<void> {
  if (parked === undefined) return;
  await ports.store.delete(parkedSpaceRef(ref));
  await clearParkedRecord(ports, id);
  const { counts } = parked;
  const what = counts === undefined ? 'its messages' : `its ${counts.messages} messages`;
  await ports.events.record(
    space,
    'Normal',
    'MessagesReturned',
    `the address space is back, with ${what} of before ${parked.parkedAt}`,
  );
}
