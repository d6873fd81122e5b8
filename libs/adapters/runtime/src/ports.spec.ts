import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { allocatePorts, assertFree } from './ports.js';

const host = '127.0.0.1';
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function occupy(port: number): Promise<void> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
}

describe('ports of a broker', () => {
  it('are free, belong to no other broker, and are the same for the same id', async () => {
    const first = await allocatePorts('0a1b2c3', host, new Set());
    expect(await allocatePorts('0a1b2c3', host, new Set())).toEqual(first);
    const second = await allocatePorts('0a1b2c3', host, new Set(Object.values(first)));
    expect(Object.values(second).some((port) => Object.values(first).includes(port))).toBe(false);
    await occupy(second.amqp);
    const third = await allocatePorts('0a1b2c3', host, new Set(Object.values(first)));
    expect(Object.values(third)).not.toContain(second.amqp);
  });

  it('that someone else listens at are refused with the name of that process', async () => {
    const ports = await allocatePorts('feedbee', host, new Set());
    await expect(assertFree(host, ports)).resolves.toBeUndefined();
    await occupy(ports.amqps);
    await expect(assertFree(host, ports)).rejects.toMatchObject({
      code: 'BROKER_START_FAILED',
      message: expect.stringMatching(new RegExp(`port ${ports.amqps} \\(amqps\\).*node.*pid ${process.pid}`)),
    });
  });
});
