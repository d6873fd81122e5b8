import type { AddressSpace, MessagingUser } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import { isSameValue } from '../same.js';
import { spaceRef } from './refs.js';

/**
 * Names a set of MessagingUsers. A space that says it of its users has refused everybody else: logins of users that are
 * not among them, and what those among them no longer ask for.
 */
export function admittedDigest({ sha256 }: Pick<Ports, 'sha256'>, users: readonly MessagingUser[]): string {
  const uids = users.map(({ metadata }) => metadata.uid ?? '').sort();
  return sha256(uids.join('\n')).slice(0, 16);
}

/** Says in the status of the space who may log in, as soon as nobody else can. */
export async function publishUsers(
  ports: Ports,
  ref: EntityRef,
  known: AddressSpace,
  { users, ready }: { readonly users: readonly MessagingUser[]; readonly ready: number },
): Promise<void> {
  const next = { declared: users.length, ready, admitted: admittedDigest(ports, users) };
  if (isSameValue(known.status?.users, next)) return;
  await ports.store.patchStatus({ ref: spaceRef(ref), status: { users: next } });
}
