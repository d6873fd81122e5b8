import { connect, createServer } from 'node:net';
import { hasErrno } from './files.js';

/** Both ends belong to it. Keep it below 32768, from where the kernel takes ports of outgoing connections. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The first free port of a range, looked for from a place in it and around its end.
 * @param from any whole number; its remainder is the place
 * @param taken ports that belong to someone who may not run now
 */
export async function findFreePort(
  host: string,
  range: PortRange,
  from: number,
  taken: ReadonlySet<number>,
): Promise<number | undefined> {
  const size = range.last - range.first + 1;
  for (let step = 0; step < size; step++) {
    const port = range.first + ((from + step) % size);
    if (!taken.has(port) && (await isFree(host, port))) return port;
  }
  return undefined;
}

/** Whether one could listen there. */
export async function isFree(host: string, port: number): Promise<boolean> {
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

/** Whether something accepts connections there, within a second. */
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
