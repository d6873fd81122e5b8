import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { SambandError } from '@samband/errors';
import type { BrokerInstance } from '@samband/topology';
import { hasErrno } from './atomic-file.js';
import { readProcess } from './process-identity.js';

type Ports = BrokerInstance['ports'];

/** Below the range that the kernel takes ports of outgoing connections from (32768 and up by default). */
const range = { first: 20_000, last: 31_999 };

/**
 * Three free ports for a broker. Where the search begins depends on the id, so that a state that was deleted
 * tends to give the same ports again.
 * @param taken ports that belong to other brokers, running or not
 */
export async function allocatePorts(id: string, host: string, taken: ReadonlySet<number>): Promise<Ports> {
  const size = range.last - range.first + 1;
  const start = createHash('sha256').update(id).digest().readUInt32BE(0) % size;
  const found: number[] = [];
  for (let step = 0; step < size; step++) {
    const port = range.first + ((start + step) % size);
    if (!taken.has(port) && (await isFree(host, port))) found.push(port);
    const [amqp, amqps, admin] = found;
    if (amqp !== undefined && amqps !== undefined && admin !== undefined) return { amqp, amqps, admin };
  }
  throw new SambandError(
    'BROKER_START_FAILED',
    `there are no three free ports between ${range.first} and ${range.last}`,
  );
}

/** Throws BROKER_START_FAILED that names the process, when someone else listens at one of the ports. */
export async function assertFree(host: string, ports: Ports): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    if (await isFree(host, port)) continue;
    throw new SambandError(
      'BROKER_START_FAILED',
      `port ${port} (${name}) of this broker is taken by ${await whoListens(port)}: end it, the broker keeps its ports`,
      { facts: { port } },
    );
  }
}

/** Whether something accepts connections there. */
export async function accepts(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => {
      end(false);
    });
    socket.once('connect', () => {
      end(true);
    });
    socket.once('error', () => {
      end(false);
    });
  });
}

async function isFree(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (hasErrno(error, 'EADDRINUSE', 'EACCES')) resolve(false);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** For the message only: the kernel's table of sockets, then who holds that socket. */
async function whoListens(port: number): Promise<string> {
  const inode = await socketInode(port);
  if (inode === undefined) return 'a process that cannot be seen';
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const handles = await readdir(`/proc/${name}/fd`).catch(() => []);
    for (const handle of handles) {
      const target = await readlink(`/proc/${name}/fd/${handle}`).catch(() => '');
      if (target !== `socket:[${inode}]`) continue;
      const owner = await readProcess(Number(name));
      return `${owner?.args[0] ?? 'a process'} (pid ${name})`;
    }
  }
  return 'a process of another user';
}

async function socketInode(port: number): Promise<string | undefined> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = await readFile(table, 'utf8').catch(() => '');
    for (const line of text.split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      // 0A is LISTEN.
      if (fields[1]?.endsWith(`:${hex}`) === true && fields[3] === '0A') return fields[9];
    }
  }
  return undefined;
}
