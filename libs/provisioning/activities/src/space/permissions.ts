import { foldPermissions, type Grant, type PermissionMatch } from '@samband/access';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import { isSameValue } from '../same.js';
import { addressesOf, clientAddress } from './address-set.js';
import type { BrokerSession, Folded } from './sessions.js';
import { closedOn } from './undeclared.js';
import { acceptedUsers, grantsOf, usersOf } from './users.js';

/**
 * Writes the broker's security matches: what users were granted, folded over the addresses there are, with
 * nobody at what is closed. The broker is asked only where it differs.
 * @param authentication of the space; `undefined` keeps what the session was told before
 * @param granted what users may do; by default what is declared at the moment
 */
export async function applyPermissions(
  ports: Ports,
  session: BrokerSession,
  space: EntityRef,
  authentication: 'standard' | 'none' | undefined,
  granted?: readonly Grant[],
): Promise<{ written: number; removed: number }> {
  session.authentication = authentication ?? session.authentication;
  const closed = await closedOn(ports, session, space);
  // From here on without a pause: what is read last is what the broker goes by in the end.
  const declared = addressesOf(ports, space);
  // With authentication of type `none` every login has one role, and only closing is left to say.
  const grants: readonly Grant[] =
    session.authentication === 'none'
      ? [{ role: ports.brokers.anybodyRole, operations: ['send', 'recv', 'view'], addresses: ['#'] }]
      : (granted ?? grantsOf(acceptedUsers(usersOf(ports, space))));
  const matches = foldFor(session, {
    grants,
    addresses: declared.map(clientAddress),
    closed: [...closed],
    topics: declared.filter(({ spec }) => spec.type === 'topic').map(clientAddress),
    isFull: session.hasAllSubscriptions ?? false,
  });
  return session.management.setPermissions(matches, { verify: session.isDoubted });
}

/** Folded anew only when what goes into it has changed: most changes of addresses are of none of it. */
function foldFor(session: BrokerSession, of: Folded['of']): readonly PermissionMatch[] {
  if (session.folded !== undefined && isSameValue(session.folded.of, of)) return session.folded.matches;
  const matches = foldPermissions(of.grants, of.addresses, new Set(of.closed), {
    names: new Set(of.topics),
    isFull: of.isFull,
  });
  session.folded = { of, matches };
  return matches;
}
