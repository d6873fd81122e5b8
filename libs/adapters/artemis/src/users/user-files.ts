import { SambandError } from '@samband/errors';
import type { PasswordVerifier, UserCredential } from '@samband/topology';
import { brokerFileNames } from '../layout.js';
import { adminCommonName, adminRole, probeUser, tenantRole } from '../names.js';
import { renderProperties } from './properties.js';

export interface UserFilesInput {
  readonly credentials: readonly UserCredential[];
  /** Verifier of the probe's password. */
  readonly probe: PasswordVerifier;
}

/**
 * All user and role files of a broker, by name as in `brokerFileNames`. The same input, in any order, gives the
 * same texts. Every user has its own name as role and `tenantRole`.
 *
 * @throws SambandError BROKER_REFUSED for names that the files or the broker would take for something else
 */
export function renderUserFiles({ credentials, probe }: UserFilesInput): Record<string, string> {
  const users = new Map([[probeUser, `ENC(${probe.plain})`]]);
  const scram = new Map<string, string>();
  const roles = new Map([
    [probeUser, probeUser],
    [adminRole, adminRole],
  ]);
  const accountRoles = new Map<string, string>();
  const passwordUsers: string[] = [];
  const accounts: string[] = [];

  for (const { username, kind, verifier } of credentials) {
    requireSafeName(username);
    if (kind === 'serviceaccount') {
      accountRoles.set(username, username);
      accounts.push(username);
      continue;
    }
    if (verifier === undefined) continue;
    users.set(username, `ENC(${verifier.plain})`);
    scram.set(`${username}|SHA256`, `ENC(${verifier.sha256})`);
    scram.set(`${username}|SHA512`, `ENC(${verifier.sha512})`);
    roles.set(username, username);
    passwordUsers.push(username);
  }
  if (passwordUsers.length > 0) roles.set(tenantRole, passwordUsers.sort().join(','));
  if (accounts.length > 0) accountRoles.set(tenantRole, accounts.sort().join(','));

  return {
    [brokerFileNames.users]: renderProperties(users),
    [brokerFileNames.scramUsers]: renderProperties(scram),
    [brokerFileNames.roles]: renderProperties(roles),
    [brokerFileNames.serviceAccountRoles]: renderProperties(accountRoles),
    [brokerFileNames.certificateUsers]: renderProperties(new Map([[adminRole, `CN=${adminCommonName}`]])),
  };
}

/**
 * `,` separates users of a role, `|` a user from its SCRAM mechanism, `/…/` is a regular expression to Artemis, and
 * names with `$` are ours.
 */
function requireSafeName(username: string): void {
  if (!/^[A-Za-z0-9_@.:-]{1,256}$/.test(username)) {
    throw new SambandError('BROKER_REFUSED', 'a user name may hold letters, digits and _ @ . : - only', {
      facts: { username: username.slice(0, 64) },
    });
  }
}
