import type { ManagementPool } from './pool.js';
import { listAll, text } from './views.js';

/**
 * Closes the connections of these users, by what they proved to be and by what they claimed: the name that comes with
 * a token is not looked at by the broker, so `closeConnectionsForUser` would miss it.
 *
 * A connection that has logged in but begun no session has no user that the broker would tell. Such ones are closed
 * too: an honest client is about to try again, a dishonest one would keep a login that was taken away.
 *
 * @returns how many of these users were closed
 */
export async function closeConnections(pool: ManagementPool, usernames: readonly string[]): Promise<number> {
  if (usernames.length === 0) return 0;
  const wanted = new Set(usernames);
  const sessions = await listAll(pool, 'listSessions', 'id');
  const theirs = new Set(
    sessions
      .filter((row) => wanted.has(text(row, 'validatedUser')) || wanted.has(text(row, 'user')))
      .map((row) => text(row, 'connectionID')),
  );
  const connections = await listAll(pool, 'listConnections', 'connectionID');
  const withoutSession = connections
    .filter((row) => Number(row['sessionCount']) === 0)
    .map((row) => text(row, 'connectionID'));
  const close = async (id: string): Promise<boolean> =>
    (await pool.invoke('broker', 'closeConnectionWithID', [id])) === true;
  const closed = await pool.forEach([...theirs], close);
  await pool.forEach(withoutSession, close);
  return closed.filter(Boolean).length;
}
