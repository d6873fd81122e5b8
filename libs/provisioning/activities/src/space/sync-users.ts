import type { EntityRef, SpaceRun, UserCounts } from '@samband/contract';
import { guardSession } from '../guard.js';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { admissionOf, leavingUsers, readAdmission, writeAdmission } from './admission.js';
import { requireFacts, type SpaceFacts } from './gather.js';
import { ensureSpaceInfra, type SpaceInfra } from './infra-secret.js';
import { judgeUsers, type Judged } from './judge-users.js';
import { applyPermissions } from './permissions.js';
import { publishUsers } from './publish-users.js';
import type { BrokerSession, BrokerSessions } from './sessions.js';
import { readUserFiles, writeUserFiles } from './user-files.js';
import { userWrites } from './user-status.js';
import { usersOf } from './users.js';

/**
 * Brings logins and permissions into force: writes the broker's files where they differ, makes it forget cached
 * logins, closes the connections of users that are gone, have another password or lost a right, and writes each
 * status that changed.
 */
export async function syncUsers(
  ports: Ports,
  sessions: BrokerSessions,
  ref: EntityRef,
  run: Running,
  of?: SpaceRun,
): Promise<UserCounts> {
  const facts = await requireFacts(ports, ref, of);
  const infra = await ensureSpaceInfra(ports, ref);
  const session = guardSession(await sessions.open(facts.id, infra), run);
  const known = sessions.loginsOf(facts.id);
  for (;;) {
    const { revocations } = known;
    const judged = await judgeUsers(ports, usersOf(ports, ref), known.judgements, {
      saltSecret: infra.saltSecret,
      inForce: (await readUserFiles(ports, facts.id)).verifiers,
      mayMake: true,
      onProgress: run.beat,
    });
    run.signal.throwIfAborted();
    const changed = await sessions.changeLogins(facts.id, async () =>
      known.revocations === revocations ? give(ports, session, ref, facts, infra, judged) : undefined,
    );
    // Somebody lost something while this went on, and must not get it back.
    if (changed === undefined) continue;
    const outcomes = await ports.store.patchStatusMany(userWrites(ports, judged), { signal: run.signal });
    const ready = judged.filter(({ ok }) => ok).length;
    await publishUsers(ports, ref, facts.space, { users: judged.map(({ user }) => user), ready });
    return {
      total: judged.length,
      ready,
      changed,
      retry: outcomes.includes('conflict') || judged.some((one) => !one.ok && one.retry),
    };
  }
}

/** @returns how many files and permissions were written */
async function give(
  ports: Ports,
  session: BrokerSession,
  ref: EntityRef,
  { id, authentication }: SpaceFacts,
  infra: SpaceInfra,
  judged: readonly Judged[],
): Promise<number> {
  const accepted = judged.filter((one) => one.ok);
  const credentials = accepted.map(({ credential }) => credential);
  // First: who comes must not find the rights of somebody who had the name before.
  const permissions = await applyPermissions(ports, session, ref, authentication);
  const { written, logins } = await writeUserFiles(ports, id, infra, credentials);
  const admission = admissionOf(
    ports,
    accepted.map(({ user }) => user),
    logins,
  );
  const before = await readAdmission(ports, id);
  const leaving = leavingUsers(before === 'anybody' ? undefined : before, admission);
  // Also when an attempt before this one wrote the files, and was killed then.
  if (written.length + leaving.length > 0) await session.management.forgetLogins();
  if (leaving.length > 0) await session.management.closeConnections(leaving);
  if (!session.hasClosedStrangers && authentication === 'standard') {
    // Whoever was let in by files that somebody changed by hand.
    await session.management.closeStrangers(credentials.map(({ username }) => username));
    session.hasClosedStrangers = true;
  }
  await writeAdmission(ports, id, authentication === 'none' ? 'anybody' : admission);
  return written.length + permissions.written;
}
