import { isDeepStrictEqual } from 'node:util';
import type { Tenant } from '../scenario.js';
import { kept, lastFiles } from './stories.js';

/** What was sent is still there, what was parked comes back, what there should be works, and nothing else does. */
export async function nothingIsLost({ team, login }: Tenant): Promise<void> {
  await team.succeed(lastFiles, 'Bring back what was parked');
  const client = await team.connectSoon(login);
  const second = await team.connectSoon({ ...login, username: 'second' });
  try {
    for (const [name, bodies] of Object.entries(kept))
      insist(`messages of ${name}`, await client.receive(name, bodies.length), bodies);
    await second.send('added', 'works');
    insist('a message of another user', await client.receive('added'), ['works']);
    insist('the other user', await second.trySend('orders'), 'FORBIDDEN');
    for (const name of ['audit', 'empty'])
      insist(`the address ${name}`, (await client.trySend(name)) === 'allowed', false);
  } finally {
    await client.close();
    await second.close();
  }
}

function insist(what: string, actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected))
    throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}
