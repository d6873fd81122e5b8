import { passwordSource, type MessagingUser } from '@samband/resources';
import type { Ports } from '../ports.js';

/** With so many Secrets to look at, one list of their versions is cheaper than a look at each. */
const worthListing = 16;

/**
 * Versions of the Secrets that users' passwords lie in, by name; empty where there are so few that each may as well be
 * read. A list brings no passwords, and spares reading those that have not changed since.
 */
export async function secretVersions(
  { store }: Ports,
  namespace: string,
  users: readonly MessagingUser[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Set(users.map(secretNameOf));
  names.delete(undefined);
  if (names.size < worthListing) return new Map();
  const secrets = { apiVersion: 'v1', kind: 'Secret' };
  const { items } = await store.list(secrets, { namespace, metadataOnly: true });
  return new Map(
    items
      .filter(({ metadata }) => names.has(metadata.name))
      .map(({ metadata: { name, uid = '', resourceVersion = '' } }) => [name, `${uid} ${resourceVersion}`]),
  );
}

/** Name of the Secret that a user's password lies in; none where it is written into the user itself. */
export function secretNameOf(user: MessagingUser): string | undefined {
  const source = passwordSource(user);
  return source === undefined || source.from === 'inline' ? undefined : source.name;
}
