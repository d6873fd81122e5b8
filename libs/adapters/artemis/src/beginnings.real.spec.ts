import { readdir, readFile } from 'node:fs/promises';
import net from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@samband/testing';
import { openBeginnings, saslBeginnings, strangeHeaders, type Beginning } from './testing/beginnings.js';
import { bareHeader, mechanismInit, saslHeader } from './testing/raw-amqp.js';
import { startTestBroker, type TestBroker } from './testing/test-broker.js';

/** Connections that are open at the same time; a broker of 256 MiB takes a thousand. */
const atOnce = 100;

describe.each(['standard', 'none'] as const)('a broker of authentication %s', (authentication) => {
  let broker: TestBroker;
  let pid: number;

  beforeAll(async () => {
    broker = await startTestBroker({ spec: { authentication } });
    await broker.setUsers({ alice: 'secret' });
    pid = broker.pid();
  });
  afterAll(() => broker.stop());

  const survives = async (
    beginnings: readonly Beginning[],
    send: (bytes: Buffer) => Promise<void>,
  ): Promise<void> => {
    const left = [...beginnings];
    const lane = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) await send(next.bytes);
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    await eventually(() => isAtRest(pid), { timeoutMs: 30_000, intervalMs: 100 });
    for (let login = 0; login < 20; login += 1) {
      const connection = await broker.connect({ username: 'alice', password: 'secret', timeoutMs: 5000 });
      await connection.close();
    }
    expect(broker.pid()).toBe(pid);
  };
  const plain = (bytes: Buffer): Promise<void> =>
    sent(net.connect(broker.layout.ports.amqp, '127.0.0.1'), bytes);
  const encrypted = (bytes: Buffer): Promise<void> =>
    sent(
      tls.connect({
        port: broker.layout.ports.amqps,
        host: '127.0.0.1',
        ca: broker.authority.ca,
        servername: 'localhost',
      }),
      bytes,
    );

  it('survives every other protocol', () => survives(strangeHeaders, plain));
  it('survives what is no TLS on its TLS port', () =>
    survives(strangeHeaders, (bytes) => sent(net.connect(broker.layout.ports.amqps, '127.0.0.1'), bytes)));
  it('survives frames of every size and type before a login', () => survives(saslBeginnings, plain));
  it('survives them behind TLS', () =>
    survives([...saslBeginnings.filter((_, index) => index % 24 === 0), ...strangeHeaders], encrypted));
  it('survives frames of every size and type after a login without proof', () =>
    survives(openBeginnings, plain));
  it('ends who does not get on with its login', async () => {
    const { amqp } = broker.layout.ports;
    const dripping = Buffer.concat([saslHeader, Buffer.alloc(1000)]);
    await Promise.all([
      ended(amqp, Buffer.alloc(0)),
      ended(amqp, saslHeader),
      ended(amqp, Buffer.concat([saslHeader, mechanismInit('PLAIN', '\0alice\0wrong')])),
      ended(amqp, Buffer.concat([saslHeader, mechanismInit('PLAIN', '\0alice\0wrong'), bareHeader])),
      ended(amqp, Buffer.concat([saslHeader, bareHeader, Buffer.alloc(100_000)])),
      ended(amqp, dripping, 500),
    ]);
  });
});

/** Sends it, in bytes with a pause between them if so told, and waits until the broker has closed the connection. */
function ended(port: number, bytes: Buffer, pauseMs?: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    let sent = 0;
    const drip = setInterval(() => {
      socket.write(bytes.subarray(sent, sent + 1));
      sent += 1;
    }, pauseMs ?? 60_000);
    if (pauseMs === undefined) socket.write(bytes);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(drip);
      resolve();
    });
    socket.resume();
  });
}

/** Sends it, in two parts, waits for an answer or an end for a moment, and goes away. */
function sent(socket: net.Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve();
    });
    const begin = (): void => {
      socket.write(bytes.subarray(0, -1));
      socket.setTimeout(50, () => {
        socket.end(bytes.subarray(-1));
        socket.setTimeout(50, () => socket.destroy());
      });
    };
    socket.on(socket instanceof tls.TLSSocket ? 'secureConnect' : 'connect', begin);
    socket.resume();
  });
}

/** Whether no thread of the process has worked for most of a second: one that spins has. */
async function isAtRest(pid: number): Promise<boolean> {
  const before = await ticks(pid);
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const most = (performance.now() - began) / 10 / 2;
  const after = await ticks(pid);
  return [...after].every(([thread, used]) => used - (before.get(thread) ?? used) < most);
}

/** Hundredths of a second that each thread has worked. */
async function ticks(pid: number): Promise<Map<string, number>> {
  const threads = await readdir(`/proc/${pid}/task`);
  const found = new Map<string, number>();
  for (const thread of threads) {
    const text = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => undefined);
    const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? [];
    found.set(thread, Number(fields[11] ?? 0) + Number(fields[12] ?? 0));
  }
  return found;
}
