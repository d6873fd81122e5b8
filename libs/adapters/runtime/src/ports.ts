import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { SambandError } from '@samband/errors';
import { findFreePort, isFree, readProcess } from '@samband/processes';
import type { BrokerInstance } from '@samband/topology';

type Ports = BrokerInstance['ports'];

/** Below the range that the kernel takes ports of outgoing connections from (32768 and up by default). */
const range = { first: 20_000, last: 31_999 };

/**
 * Three free ports for a broker. Where the search begins depends on the id, so that a state that was deleted
 * tends to give the same ports again.
 * @param taken ports that belong to other brokers, running or not
 */
export async function allocatePorts(id: string, host: string, taken: ReadonlySet<number>): Promise<Ports> {
  const from = createHash('sha256').update(id).digest().readUInt32BE(0);
  const used = new Set(taken);
  const next = async (): Promise<number> => {
    const port = await findFreePort(host, range, from, used);
    if (port === undefined) {
      throw new SambandError(
        'BROKER_START_FAILED',
        `there are no three free ports between ${range.first} and ${range.last}`,
      );
    }
    used.add(port);
    return port;
  };
  return { amqp: await next(), amqps: await next(), admin: await next() };
}

export async function areFree(host: string, ports: Ports): Promise<boolean> {
  return (await Promise.all(Object.values(ports).map((port) => isFree(host, port)))).every(Boolean);
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
