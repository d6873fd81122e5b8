import type { ManagementPool } from './pool.js';
import { listAll, text, type Row } from './views.js';

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
  return closeThose(pool, (row) => wanted.has(text(row, 'validatedUser')) || wanted.has(text(row, 'user')));
}

/**
 * Closes the connections of everybody who is not (any more) a user, for a process that does not know who left while
 * it was away. Ours are spared.
 */
export async function closeStrangers(pool: ManagementPool, admitted: readonly string[]): Promise<number> {
  const known = new Set(admitted);
  return closeThose(pool, (row) => {
    const user = text(row, 'validatedUser');
    return user !== '' && !user.startsWith('$') && !known.has(user);
  });
}

async function closeThose(pool: ManagementPool, isTheirs: (session: Row) => boolean): Promise<number> {
  const sessions = await listAll(pool, 'listSessions', 'id');
  const theirs = new Set(sessions.filter(isTheirs).map((row) => text(row, 'connectionID')));
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
