import type { MessagingUser } from '@samband/resources';
import type { UserCredential } from '@samband/topology';
import type { EntityRef, UserCounts } from '@samband/contract';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { leavingUsers, readAdmission, writeAdmission, type Admission } from './admission.js';
import { requireFacts } from './gather.js';
import { ensureSpaceInfra, type SpaceInfra } from './infra-secret.js';
import { judge, type Judged } from './judge-user.js';
import { applyPermissions } from './permissions.js';
import type { BrokerSessions } from './sessions.js';
import { userWrites } from './user-status.js';
import { grantsOf, olderFirst, usersOf } from './users.js';

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
): Promise<UserCounts> {
  const facts = await requireFacts(ports, ref);
  const infra = await ensureSpaceInfra(ports, ref);
  const session = await sessions.open(facts.id, infra);
  const judged: Judged[] = [];
  for (const user of usersOf(ports, ref).sort(olderFirst)) {
    judged.push(await judge(ports, infra, user, judged));
    run.beat();
  }
  const accepted = judged.filter((one) => one.ok);
  const credentials = accepted.map(({ credential }) => credential);
  run.signal.throwIfAborted();
  const { written, logins } = await writeUserFiles(ports, facts.id, infra, credentials);
  const permissions = await applyPermissions(ports, session, ref, facts.authentication);
  if (written.length > 0) await session.management.forgetLogins();
  const admission = admissionOf(
    ports,
    accepted.map(({ user }) => user),
    logins,
  );
  const leaving = leavingUsers(await readAdmission(ports, facts.id), admission);
  if (leaving.length > 0) await session.management.closeConnections(leaving);
  if (!session.hasClosedStrangers && facts.authentication === 'standard') {
    // Whoever was let in by files that somebody changed by hand.
    await session.management.closeStrangers(credentials.map(({ username }) => username));
    session.hasClosedStrangers = true;
  }
  await writeAdmission(ports, facts.id, admission);
  const outcomes = await ports.store.patchStatusMany(userWrites(ports, judged), { signal: run.signal });
  return {
    total: judged.length,
    ready: accepted.length,
    changed: written.length + permissions.written,
    retry: outcomes.includes('conflict') || judged.some((one) => !one.ok && one.retry),
  };
}

/** Also before the broker's first start, when nobody has a login yet but the probe. */
export async function writeUserFiles(
  { brokers, runtime }: Ports,
  id: string,
  infra: SpaceInfra,
  credentials: readonly UserCredential[],
): Promise<{ written: string[]; logins: ReadonlyMap<string, string> }> {
  const probe = await brokers.makeVerifier(infra.saltSecret, brokers.probeUser, infra.probePassword);
  const files = brokers.renderUserFiles({ credentials, probe });
  return { written: await runtime.files(id).write(files), logins: brokers.loginsIn(files) };
}

function admissionOf(
  { sha256 }: Ports,
  users: readonly MessagingUser[],
  logins: ReadonlyMap<string, string>,
): Admission {
  return new Map(
    users.map(({ spec }) => [
      spec.username,
      {
        proof: sha256(logins.get(spec.username) ?? ''),
        rights: new Set(
          grantsOf([{ spec }]).flatMap(({ operations, addresses }) =>
            operations.flatMap((operation) => addresses.map((address) => `${operation} ${address}`)),
          ),
        ),
      },
    ]),
  );
}
