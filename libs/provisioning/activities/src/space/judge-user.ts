import type { MessagingUser, Reason } from '@samband/resources';
import type { UserCredential } from '@samband/topology';
import type { Ports } from '../ports.js';
import type { SpaceInfra } from './infra-secret.js';
import { passwordOf } from './user-password.js';
import { claimsName, unusablePattern } from './users.js';

export type Judged =
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

/** @param before what was judged of those that are older */
export async function judge(
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
  if (!found.ok) return refuse(found.reason, found.message, found.retry);
  const verifier = await ports.brokers.makeVerifier(infra.saltSecret, username, found.password);
  return {
    user,
    ok: true,
    credential: { username, kind: 'password', verifier },
    ...(found.generatedInto === undefined ? {} : { credentialsSecret: found.generatedInto }),
  };
}
