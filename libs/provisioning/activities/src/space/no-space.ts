import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import { addressesOf } from './address-set.js';
import { isSaid, statusWrite, type AddressOutcome } from './address-status.js';
import { userWrites } from './user-status.js';
import { usersOf } from './users.js';

/** Addresses and users of a space that does not exist are told so; its creation is what they wait for. */
export async function refuseOrphans(ports: Ports, space: EntityRef): Promise<void> {
  const reason = 'UnknownAddressSpace';
  const message = `there is no AddressSpace ${space.name} in ${space.namespace}; create it, or name this object <address space>.<name> after another one`;
  const addresses = addressesOf(ports, space)
    .map((address): AddressOutcome => ({ kind: 'refused', address, reason, message, retry: false }))
    .filter((outcome) => !isSaid(outcome))
    .map((outcome) => statusWrite(outcome, ports.now().toISOString()));
  const users = usersOf(ports, space).map(
    (user) => ({ user, ok: false, reason, message, retry: false }) as const,
  );
  await ports.store.patchStatusMany([...addresses, ...userWrites(ports, users)]);
}
