import type { MessagingUser, Reason } from '@samband/resources';
import type { PasswordVerifier, UserCredential } from '@samband/topology';
import type { Ports } from '../ports.js';
import { secretNameOf, secretVersions } from './secret-versions.js';
import { passwordOf } from './user-password.js';
import { claimsName, olderFirst, unusablePattern } from './users.js';

interface Accepted {
  readonly ok: true;
  readonly credential: UserCredential;
  /** Whether it is known what the login is proven by; not so of a password whose verifier may not be made. */
  readonly isProven: boolean;
  readonly credentialsSecret?: string;
}

interface Refused {
  readonly ok: false;
  readonly reason: Reason;
  readonly message: string;
  readonly retry: boolean;
}

export type Judged = { readonly user: MessagingUser } & (Accepted | Refused);

/** Users as they were judged, by uid, each with the versions that it was judged by. */
export type Judgements = Map<string, { readonly of: string; readonly accepted: Accepted }>;

export interface JudgeOptions {
  readonly saltSecret: string;
  /** Verifiers that the broker goes by, by username. */
  readonly inForce: ReadonlyMap<string, PasswordVerifier>;
  /** Whether what a user lacks is made: a password that is to be generated, the verifier of a new password. */
  readonly mayMake: boolean;
  readonly onProgress: () => void;
}

/** Passwords read, and verifiers made, at once. */
const width = 32;

/**
 * Who of the users may log in, and with what; those that may not are told why. Older ones come first.
 * @param known what was judged before, and is not judged again: where nothing changed no Secret is read
 */
export async function judgeUsers(
  ports: Ports,
  users: readonly MessagingUser[],
  known: Judgements,
  options: JudgeOptions,
): Promise<Judged[]> {
  const sorted = [...users].sort(olderFirst);
  const namespace = sorted[0]?.metadata.namespace ?? '';
  const versions = await secretVersions(ports, namespace, sorted);
  const claimed = new Map<string, MessagingUser>();
  const judgeOne = async (user: MessagingUser): Promise<Judged> => {
    const refused = refusal(user, claimed.get(user.spec.username));
    if (refused !== undefined) return { user, ...refused };
    const { uid = '', generation = 1 } = user.metadata;
    const secret = secretNameOf(user);
    const version = secret === undefined ? '' : versions.get(secret);
    const of = `${generation} ${version ?? ''}`;
    const before = version === undefined ? undefined : known.get(uid);
    if (before?.of === of) return { user, ...before.accepted };
    const judged = await credentialOf(ports, user, options);
    options.onProgress();
    if (judged.ok && judged.isProven) known.set(uid, { of, accepted: judged });
    return { user, ...judged };
  };
  for (const user of sorted)
    if (claimsName(user) && !claimed.has(user.spec.username)) claimed.set(user.spec.username, user);
  const judged: Judged[] = [];
  for (let start = 0; start < sorted.length; start += width)
    judged.push(...(await Promise.all(sorted.slice(start, start + width).map(judgeOne))));
  const present = new Set(sorted.map(({ metadata }) => metadata.uid));
  for (const uid of known.keys()) if (!present.has(uid)) known.delete(uid);
  return judged;
}

/** @param holder who has the username: the oldest of those that claim it */
function refusal(user: MessagingUser, holder: MessagingUser | undefined): Refused | undefined {
  const { username, authentication } = user.spec;
  const refuse = (reason: Reason, message: string): Refused => ({ ok: false, reason, message, retry: false });
  // The oldest has the name even while it cannot be served: what it may do must not pass to another's password.
  if (holder !== undefined && holder !== user && olderFirst(holder, user) < 0) {
    return refuse(
      'Conflict',
      `MessagingUser ${holder.metadata.name} has the username ${username} already; remove one of them`,
    );
  }
  if (authentication.type === 'federated')
    return refuse(
      'Unsupported',
      'users of type federated are not served; use type password or serviceaccount',
    );
  const unusable = unusablePattern(user);
  return unusable === undefined ? undefined : refuse('Invalid', unusable);
}

async function credentialOf(
  ports: Ports,
  user: MessagingUser,
  { saltSecret, inForce, mayMake }: JudgeOptions,
): Promise<Accepted | Refused> {
  const { username, authentication } = user.spec;
  if (authentication.type === 'serviceaccount')
    return { ok: true, credential: { username, kind: 'serviceaccount' }, isProven: true };
  const found = await passwordOf(ports, user, mayMake);
  if (!found.ok) return found;
  const { password, generatedInto } = found;
  const present = inForce.get(username);
  const isSame = present !== undefined && ports.brokers.isVerifierOf(present, saltSecret, username, password);
  const verifier = isSame
    ? present
    : mayMake
      ? await ports.brokers.makeVerifier(saltSecret, username, password)
      : undefined;
  return {
    ok: true,
    credential: { username, kind: 'password', ...(verifier === undefined ? {} : { verifier }) },
    isProven: verifier !== undefined,
    ...(generatedInto === undefined ? {} : { credentialsSecret: generatedInto }),
  };
}
