import { patternProblems, type Grant } from '@samband/access';
import type { UserCredential } from '@samband/topology';
import {
  findCondition,
  isOfKind,
  passwordSource,
  secretText,
  refOf,
  setStanding,
  type MessagingUser,
  type Reason,
  type StatusWrite,
} from '@samband/resources';
import type { EntityRef, UserCounts } from '@samband/contract';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { leavingUsers, readAdmission, writeAdmission, type Admission } from './admission.js';
import { requireFacts } from './gather.js';
import { ensureSpaceInfra, type SpaceInfra } from './infra-secret.js';
import { applyPermissions } from './permissions.js';
import { secretRef, spaceKey } from './refs.js';
import type { BrokerSessions } from './sessions.js';
import { ensureGeneratedSecret } from './user-secret.js';

type Judged =
  | {
      readonly user: MessagingUser;
      readonly ok: true;
      readonly credential: UserCredential;
      readonly credentialsSecret?: string;
    }
  | {
      readonly user: MessagingUser;
      readonly ok: false;
      readonly reason: Reason;
      readonly message: string;
      readonly retry: boolean;
    };

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

function claimsName({ spec }: MessagingUser): boolean {
  return spec.authentication.type !== 'federated';
}

/** kubectl takes patterns that planning refuses. */
function unusablePattern({ spec }: MessagingUser): string | undefined {
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

async function judge(
  ports: Ports,
  infra: SpaceInfra,
  user: MessagingUser,
  before: readonly Judged[],
): Promise<Judged> {
  const { username, authentication } = user.spec;
  const refuse = (reason: Reason, message: string, retry = false): Judged => ({
    user,
    ok: false,
    reason,
    message,
    retry,
  });
  // The oldest has the name even while it cannot be served: what it may do must not pass to another's password.
  const twin = before.find(({ user: older }) => claimsName(older) && older.spec.username === username);
  if (twin !== undefined) {
    return refuse(
      'Conflict',
      `MessagingUser ${twin.user.metadata.name} has the username ${username} already; remove one of them`,
    );
  }
  if (authentication.type === 'federated')
    return refuse(
      'Unsupported',
      'users of type federated are not served; use type password or serviceaccount',
    );
  const unusable = unusablePattern(user);
  if (unusable !== undefined) return refuse('Invalid', unusable);
  if (authentication.type === 'serviceaccount')
    return { user, ok: true, credential: { username, kind: 'serviceaccount' } };
  const found = await passwordOf(ports, user);
  if (!found.ok)
    return found.isInvalid === true
      ? refuse('Invalid', found.message)
      : refuse('UnknownSecret', found.message, true);
  const verifier = await ports.brokers.makeVerifier(infra.saltSecret, username, found.password);
  return {
    user,
    ok: true,
    credential: { username, kind: 'password', verifier },
    ...(found.generatedInto === undefined ? {} : { credentialsSecret: found.generatedInto }),
  };
}

async function passwordOf(
  ports: Ports,
  user: MessagingUser,
): Promise<
  { ok: true; password: string; generatedInto?: string } | { ok: false; message: string; isInvalid?: boolean }
> {
  const source = passwordSource(user);
  const namespace = user.metadata.namespace ?? '';
  switch (source?.from) {
    case undefined:
      return { ok: false, message: 'the user has no password' };
    case 'inline': {
      const password = Buffer.from(source.base64, 'base64').toString('utf8');
      // Objects from before the schema refused it.
      return password === ''
        ? {
            ok: false,
            message: 'the password is empty; give one, or none to have one generated',
            isInvalid: true,
          }
        : { ok: true, password };
    }
    case 'generated':
      return ensureGeneratedSecret(ports, user, source.name);
    case 'secret': {
      const secret = await ports.store.get(secretRef(namespace, source.name));
      if (secret === undefined)
        return {
          ok: false,
          message: `Secret ${source.name} does not exist in ${namespace}; create it with the key ${source.key}`,
        };
      const password = secretText(secret, source.key);
      return password === undefined || password === ''
        ? { ok: false, message: `Secret ${source.name} has no key ${source.key}; add it` }
        : { ok: true, password };
    }
  }
}

export function userWrites(ports: Ports, judged: readonly Judged[]): StatusWrite[] {
  const now = ports.now().toISOString();
  return judged.flatMap((one) => {
    const { user } = one;
    const generation = user.metadata.generation ?? 1;
    const reason = one.ok ? 'Ready' : one.reason;
    const message = one.ok ? '' : one.message;
    const conditions = setStanding(
      user.status?.conditions,
      {
        standing: one.ok ? 'ready' : one.retry ? 'reconciling' : 'stalled',
        reason,
        message,
        observedGeneration: generation,
      },
      now,
    );
    const ready = findCondition(user.status?.conditions, 'Ready');
    const same =
      user.status?.observedGeneration === generation &&
      ready?.status === (one.ok ? 'True' : 'False') &&
      ready.reason === reason &&
      ready.message === message;
    if (same) return [];
    return {
      ref: refOf(user),
      resourceVersion: user.metadata.resourceVersion ?? '',
      status: {
        phase: one.ok ? 'Active' : one.retry ? 'Configuring' : 'Pending',
        message,
        generation,
        observedGeneration: generation,
        conditions,
        ...(one.ok && one.credentialsSecret !== undefined
          ? { credentialsSecret: one.credentialsSecret }
          : {}),
      },
    };
  });
}

function olderFirst(a: MessagingUser, b: MessagingUser): number {
  const key = ({ metadata }: MessagingUser): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}
