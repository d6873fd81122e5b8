import type { AddressSpace } from '@samband/resources';
import type { EntityRef, Failure } from '@samband/contract';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { isAdmitted } from './admission.js';
import { reasonOf } from './address-status.js';
import { infraId, readSpaceInfra } from './infra-secret.js';
import { judgeUsers } from './judge-users.js';
import { publishUsers } from './publish-users.js';
import { spaceRef } from './refs.js';
import type { BrokerSessions } from './sessions.js';
import { takeAway } from './take-away.js';
import { readUserFiles } from './user-files.js';
import { userWrites, type UserOutcome } from './user-status.js';
import { acceptedUsers, usersOf } from './users.js';

/**
 * Takes away at once what users have lost: logins of those that are gone, old passwords, withdrawn rights. Gives
 * nothing, and asks neither for a plan nor for anything else that may be wrong with the space, so that it always works.
 * @param why the space gives nothing at the moment either: users that wait for something are told
 */
export async function revokeUsers(
  ports: Ports,
  sessions: BrokerSessions,
  ref: EntityRef,
  run: Running,
  why?: Failure,
): Promise<{ revoked: number }> {
  const space = (await ports.store.get(spaceRef(ref))) as AddressSpace | undefined;
  const infra = await readSpaceInfra(ports, ref);
  if (space === undefined || infra === undefined) return { revoked: 0 };
  const id = infraId(ports, ref);
  // Nobody waits for a Secret to be read before somebody else is refused.
  const first = await takeAway(ports, sessions, ref, infra, acceptedUsers(usersOf(ports, ref)), run);
  run.signal.throwIfAborted();
  const judged = await judgeUsers(ports, usersOf(ports, ref), sessions.loginsOf(id).judgements, {
    saltSecret: infra.saltSecret,
    inForce: (await readUserFiles(ports, id)).verifiers,
    mayMake: false,
    onProgress: run.beat,
  });
  run.signal.throwIfAborted();
  const proven = judged.filter((one) => one.ok && one.isProven);
  const last = await takeAway(
    ports,
    sessions,
    ref,
    infra,
    proven.map(({ user }) => user),
    run,
  );
  const ready = judged.filter((one) => one.ok && isAdmitted(last.admission, one.user));
  if (why !== undefined) {
    const outcomes = judged.map((one): UserOutcome => {
      if (!one.ok || ready.includes(one)) return one;
      const message = `the address space gives nothing new at the moment: ${why.message}`;
      return { user: one.user, ok: false, reason: reasonOf(why.code), message, retry: why.retry === 'later' };
    });
    await ports.store.patchStatusMany(userWrites(ports, outcomes), { signal: run.signal });
  }
  await publishUsers(ports, ref, space, { users: judged.map(({ user }) => user), ready: ready.length });
  return { revoked: first.revoked + last.revoked };
}
