import { commonRights, type Grant, type SingleRight } from '@samband/access';
import type { MessagingUser } from '@samband/resources';
import type { Ports } from '../ports.js';
import { grantsOf } from './users.js';

/** What one user was let in by. */
export interface Admitted {
  /** Digest of what the login is proven with: another one is another password. */
  readonly proof: string;
  /** One word each: `recv orders`. */
  readonly rights: ReadonlySet<string>;
}

/** In the place of users where anybody may do anything. */
const anybody = 'anybody';

/** What open connections were last judged by, of each user: what logins are proven with, and rights. */
export type Admission = ReadonlyMap<string, Admitted>;

/** @param logins what each login is proven with; a user that is not in it cannot log in */
export function admissionOf(
  { sha256 }: Pick<Ports, 'sha256'>,
  users: readonly MessagingUser[],
  logins: ReadonlyMap<string, string>,
): Admission {
  return new Map(
    users.map((user) => [
      user.spec.username,
      { proof: sha256(logins.get(user.spec.username) ?? ''), rights: rightsOf(user) },
    ]),
  );
}

/** Whether a user may do all that it asks for. */
export function isAdmitted(admission: Admission | typeof anybody, user: MessagingUser): boolean {
  if (admission === anybody) return true;
  const rights = admission.get(user.spec.username)?.rights;
  return rights !== undefined && [...rightsOf(user)].every((right) => rights.has(right));
}

function rightsOf(user: MessagingUser): Set<string> {
  return new Set(
    grantsOf([user]).flatMap(({ operations, addresses }) =>
      operations.flatMap((operation) => addresses.map((address) => `${operation} ${address}`)),
    ),
  );
}

/**
 * Users whose connections must go: the broker judges a login once, and a receiver only when it attaches. When nobody
 * knows what they were judged by, all of them.
 */
export function leavingUsers(before: Admission | undefined, now: Admission): string[] {
  if (before === undefined) return [...now.keys()];
  return [...before]
    .filter(([name, admitted]) => {
      const after = now.get(name);
      return after?.proof !== admitted.proof || losesRights(admitted, after);
    })
    .map(([name]) => name);
}

function losesRights({ rights }: Admitted, after: Admitted): boolean {
  return [...rights].some((right) => !after.rights.has(right));
}

/**
 * What is left of what was admitted when something else is wanted and nothing may be given.
 * @param wanted of those whose logins stay
 */
export function remaining(before: Admission, wanted: Admission): Admission {
  return new Map(
    [...wanted].map(([name, after]) => {
      const admitted = before.get(name) ?? { proof: after.proof, rights: new Set<string>() };
      const rights = isSameSet(admitted.rights, after.rights) ? after.rights : common(admitted, after);
      return [name, { proof: after.proof, rights }];
    }),
  );
}

/** As the broker is told them; roles are user names. */
export function grantsIn(admission: Admission): Grant[] {
  return [...admission].flatMap(([role, { rights }]) =>
    [...rights].map(rightIn).map(({ operation, pattern }) => ({
      role,
      operations: [operation],
      addresses: [pattern],
    })),
  );
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}

function common(before: Admitted, after: Admitted): ReadonlySet<string> {
  const both = commonRights([...before.rights].map(rightIn), [...after.rights].map(rightIn));
  return new Set(both.map(({ operation, pattern }) => `${operation} ${pattern}`));
}

function rightIn(word: string): SingleRight {
  const end = word.indexOf(' ');
  return { operation: word.slice(0, end) as SingleRight['operation'], pattern: word.slice(end + 1) };
}

type Line = readonly [name: string, proof: string, rights: readonly string[]];

/**
 * Kept beside the broker, and written only when the connections are closed: a worker that is killed before that, or
 * hands the turn to another, leaves to the next one what is still to close.
 * @returns `anybody` of a broker that asks nobody who they are; `undefined` when nobody knows
 */
export async function readAdmission(
  { brokers, runtime }: Ports,
  id: string,
): Promise<Admission | typeof anybody | undefined> {
  const text = await runtime.files(id).read(brokers.admissionFile);
  if (text === undefined) return undefined;
  const lines = JSON.parse(text) as Line[] | typeof anybody;
  if (lines === anybody) return anybody;
  return new Map(lines.map(([name, proof, rights]) => [name, { proof, rights: new Set(rights) }]));
}

export async function writeAdmission(
  { brokers, runtime }: Ports,
  id: string,
  admission: Admission | typeof anybody,
): Promise<void> {
  const lines =
    admission === anybody
      ? anybody
      : [...admission].map(([name, { proof, rights }]): Line => [name, proof, [...rights].sort()]);
  await runtime.files(id).write({ [brokers.admissionFile]: JSON.stringify(lines) });
}
