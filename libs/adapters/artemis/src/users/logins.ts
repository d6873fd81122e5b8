import { brokerFileNames } from '../layout.js';

/** Files that say who may log in. */
export const loginFiles = [brokerFileNames.users, brokerFileNames.serviceAccountRoles] as const;

/**
 * The logins that a broker's files admit, each with what it is proven by: the inverse of `renderUserFiles`, as far as
 * it takes to see who is gone or has another password. Role names count as logins of nobody.
 * @param files texts by name, as `renderUserFiles` makes them
 */
export function loginsIn(files: Readonly<Record<string, string>>): Map<string, string> {
  const logins = new Map<string, string>();
  for (const name of loginFiles) {
    for (const line of (files[name] ?? '').split('\n')) {
      const end = /(?<!\\)(?:\\\\)*=/.exec(line);
      if (end === null) continue;
      const at = end.index + end[0].length - 1;
      logins.set(line.slice(0, at).replaceAll(/\\(.)/g, '$1'), line.slice(at + 1));
    }
  }
  return logins;
}
