import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { accepts, findFreePort, isFree } from './ports.js';

const host = '127.0.0.1';
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Listens at a port that the kernel chooses. */
async function occupy(): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}

describe('a port', () => {
  it('is free while nobody listens there', async () => {
    const port = await occupy();
    expect([await isFree(host, port), await accepts(host, port)]).toEqual([false, true]);
    await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
    expect([await isFree(host, port), await accepts(host, port)]).toEqual([true, false]);
  });

  it('is looked for around the end of its range, past those that are used or belong to someone', async () => {
    const used = await occupy();
    const range = { first: used - 2, last: used };
    const taken = new Set([used - 2]);
    // Begins at the one that is used, goes on at the first, which is taken.
    expect(await findFreePort(host, range, 2 + 3 * 4, taken)).toBe(
      (await isFree(host, used - 1)) ? used - 1 : undefined,
    );
    expect(await findFreePort(host, { first: used, last: used }, 0, new Set())).toBeUndefined();
  });
});
