import type { PasswordVerifier } from '@samband/topology';
import { brokerFileNames } from '../layout.js';

/** Files that say who may log in. */
export const loginFiles = [brokerFileNames.users, brokerFileNames.serviceAccountRoles] as const;

/** Files that hold what passwords are checked by. */
export const verifierFiles = [brokerFileNames.users, brokerFileNames.scramUsers] as const;

type Files = Readonly<Record<string, string>>;

/**
 * The logins that a broker's files admit, each with what it is proven by: the inverse of `renderUserFiles`, as far as
 * it takes to see who is gone or has another password. Role names count as logins of nobody.
 * @param files texts by name, as `renderUserFiles` makes them
 */
export function loginsIn(files: Files): Map<string, string> {
  return new Map(loginFiles.flatMap((name) => [...entriesOf(files[name])]));
}

/** The verifier of each password that the files hold, by user. Making one anew is slow by design. */
export function verifiersIn(files: Files): Map<string, PasswordVerifier> {
  const [users, scram] = verifierFiles.map((name) => entriesOf(files[name]));
  return new Map(
    [...(users ?? [])].map(([username, plain]) => [
      username,
      {
        plain: decoded(plain),
        sha256: decoded(scram?.get(`${username}|SHA256`)),
        sha512: decoded(scram?.get(`${username}|SHA512`)),
      },
    ]),
  );
}

function decoded(value = ''): string {
  return /^ENC\((.*)\)$/.exec(value)?.[1] ?? '';
}

function entriesOf(text = ''): Map<string, string> {
  const entries = new Map<string, string>();
  for (const line of text.split('\n')) {
    const end = /(?<!\\)(?:\\\\)*=/.exec(line);
    if (end === null) continue;
    const at = end.index + end[0].length - 1;
    entries.set(line.slice(0, at).replaceAll(/\\(.)/g, '$1'), line.slice(at + 1));
  }
  return entries;
}
