import { patternProblems, type Grant } from '@samband/access';
import { isOfKind, type MessagingUser } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import { spaceKey } from './refs.js';

export function usersOf({ view }: Ports, space: EntityRef): MessagingUser[] {
  return view
    .byIndex('space', spaceKey(space))
    .filter((object) => isOfKind('MessagingUser', object))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/**
 * Of several with one username the oldest counts, even where nothing can be granted to it; types that are not served
 * count for nobody.
 */
export function acceptedUsers(users: readonly MessagingUser[]): MessagingUser[] {
  const first = new Map<string, MessagingUser>();
  for (const user of [...users].sort(olderFirst)) {
    if (claimsName(user) && !first.has(user.spec.username)) first.set(user.spec.username, user);
  }
  return [...first.values()].filter((user) => unusablePattern(user) === undefined);
}

export function claimsName({ spec }: MessagingUser): boolean {
  return spec.authentication.type !== 'federated';
}

/** kubectl takes patterns that planning refuses. */
export function unusablePattern({ spec }: MessagingUser): string | undefined {
  const patterns = (spec.authorization ?? []).flatMap(({ addresses }) => addresses ?? []);
  const [first] = patternProblems(patterns);
  return first === undefined
    ? undefined
    : `the address pattern "${patterns[first.index] ?? ''}" ${first.problem}; correct or remove it`;
}

/** What the users of a space may do; roles are user names. */
export function grantsOf(users: readonly Pick<MessagingUser, 'spec'>[]): Grant[] {
  return users.flatMap(({ spec }) =>
    (spec.authorization ?? []).map(({ operations, addresses }) => ({
      role: spec.username,
      operations: operations ?? [],
      addresses: addresses ?? [],
    })),
  );
}

export function olderFirst(a: MessagingUser, b: MessagingUser): number {
  const key = ({ metadata }: MessagingUser): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}
