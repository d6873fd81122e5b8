import net from 'node:net';
import tls from 'node:tls';
import type { BrokerRecord } from './broker-folder.js';

/** What became of new connections, all begun at the same time. */
export interface Greetings {
  /** Greeted back, or sent away: somebody was there. */
  readonly answered: number;
  /** Neither in time. */
  readonly silent: number;
  readonly tookMs: number;
}

/** Twice as many for each port as threads serve it (`remotingThreads`): Artemis gives them out in turn. */
const perPort = 8;
const saslHeader = Buffer.from('AMQP\x03\x01\x00\x00', 'latin1');

/**
 * Opens new connections as tenants do, up to where a password would be asked for. A kept connection would tell nothing:
 * one thread that hangs takes every fourth new one with it and leaves the others alone.
 */
export async function greet(
  { host, ports }: Pick<BrokerRecord, 'host' | 'ports'>,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Greetings> {
  const connections = Array.from({ length: perPort }, () => [
    () => net.connect(ports.amqp, host),
    // Who it is does not matter: nothing is said to it.
    () => tls.connect({ port: ports.amqps, host, rejectUnauthorized: false }),
  ]).flat();
  const began = performance.now();
  const answers = await Promise.all(connections.map((connect) => isAnswered(connect(), timeoutMs, signal)));
  const answered = answers.filter(Boolean).length;
  return { answered, silent: answers.length - answered, tookMs: performance.now() - began };
}

function isAnswered(socket: net.Socket, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (answered: boolean): void => {
      clearTimeout(deadline);
      signal.removeEventListener('abort', stop);
      socket.destroy();
      resolve(answered);
    };
    const stop = (): void => {
      finish(true);
    };
    const deadline = setTimeout(() => {
      finish(false);
    }, timeoutMs);
    signal.addEventListener('abort', stop);
    socket.on('error', stop);
    socket.on('close', stop);
    socket.on('data', stop);
    socket.on(socket instanceof tls.TLSSocket ? 'secureConnect' : 'connect', () => socket.write(saslHeader));
  });
}
