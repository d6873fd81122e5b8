import type { MessagingUser } from '@samband/resources';
import type { UserCredential } from '@samband/topology';
import type { EntityRef } from '@samband/contract';
import { guardSession } from '../guard.js';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import {
  admissionOf,
  grantsIn,
  leavingUsers,
  readAdmission,
  remaining,
  writeAdmission,
  type Admission,
} from './admission.js';
import { infraId, type SpaceInfra } from './infra-secret.js';
import { applyPermissions } from './permissions.js';
import type { BrokerSessions } from './sessions.js';
import { readUserFiles, writeUserFiles, type LoginsInForce } from './user-files.js';

export interface Left {
  readonly admission: Admission | 'anybody';
  /** Users that lost a login, or a right, on the running broker. */
  readonly revoked: number;
}

/**
 * Leaves these users on the broker and nobody else, each with no more than it had and still asks for. A broker that does
 * not run has nobody to close: its files are written, the rest is done when it runs.
 */
export function takeAway(
  ports: Ports,
  sessions: BrokerSessions,
  ref: EntityRef,
  infra: SpaceInfra,
  staying: readonly MessagingUser[],
  run: Running,
): Promise<Left> {
  const id = infraId(ports, ref);
  return sessions.changeLogins(id, async () => {
    const before = await readAdmission(ports, id);
    if (before === 'anybody') return { admission: before, revoked: 0 };
    const inForce = await readUserFiles(ports, id);
    // Not even the probe has a login: no broker was ever prepared.
    if (inForce.logins.size === 0) return { admission: new Map(), revoked: 0 };
    const credentials = new Map(staying.flatMap((user) => loginOf(user, inForce)));
    const { written, logins } = await writeUserFiles(ports, id, infra, [...credentials.values()]);
    const wanted = admissionOf(ports, [...credentials.keys()], logins);
    const admission = before === undefined ? wanted : remaining(before, wanted);
    const leaving = leavingUsers(before ?? new Map(), admission);
    if (written.length + leaving.length === 0) return { admission, revoked: 0 };
    sessions.loginsOf(id).revocations += 1;
    if ((await ports.runtime.inspectBroker(id)) === undefined) return { admission, revoked: 0 };
    const session = guardSession(await sessions.open(id, infra), run);
    await session.management.forgetLogins();
    const isStaying = (name: string): boolean => admission.has(name);
    await close(leaving.filter((name) => !isStaying(name)));
    const lesser = leaving.filter(isStaying);
    if (lesser.length > 0) await applyPermissions(ports, session, ref, 'standard', grantsIn(admission));
    // Only then: a receiver is judged when it attaches.
    await close(lesser);
    if (before !== undefined) await writeAdmission(ports, id, admission);
    return { admission, revoked: leaving.length };

    async function close(names: readonly string[]): Promise<void> {
      if (names.length > 0) await session.management.closeConnections(names);
    }
  });
}

/** The login that a user has, if it has one of its kind. */
function loginOf(
  user: MessagingUser,
  { logins, verifiers }: LoginsInForce,
): (readonly [MessagingUser, UserCredential])[] {
  const { username, authentication } = user.spec;
  const verifier = verifiers.get(username);
  if (authentication.type === 'password')
    return verifier === undefined ? [] : [[user, { username, kind: 'password', verifier }]];
  return logins.has(username) && verifier === undefined ? [[user, { username, kind: 'serviceaccount' }]] : [];
}
