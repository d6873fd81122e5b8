import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createControlPlaneCertificates, eventually } from '@samband/testing';
import { Traffic } from './traffic.js';
import { createTransport, type Transport } from './transport.js';

/** Says when an answer was taken and what follows from it has begun. */
class WatchedTraffic extends Traffic {
  private onAnswer: () => void = () => undefined;

  nextAnswer(): Promise<void> {
    return new Promise((resolve) => {
      this.onAnswer = () => void setImmediate(resolve);
    });
  }

  override async request<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await super.request(work);
    } finally {
      this.onAnswer();
    }
  }
}

describe('a request whose signal aborts', () => {
  const traffic = new WatchedTraffic();
  let folder: string;
  let server: Server;
  let transport: Transport;
  /** Requests that wait for their answer. */
  let waiting: ServerResponse[] = [];
  let seen = 0;

  beforeAll(async () => {
    const { ca, server: keys } = await createControlPlaneCertificates();
    server = createServer(keys, (_, response) => {
      seen += 1;
      waiting.push(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    folder = await mkdtemp(path.join(tmpdir(), 'samband-transport-'));
    const kubeconfig = path.join(folder, 'kubeconfig');
    const cluster = {
      server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      'certificate-authority-data': Buffer.from(ca).toString('base64'),
    };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    await writeFile(kubeconfig, JSON.stringify(config));
    transport = createTransport({ kubeconfig }, traffic);
  });
  beforeEach(() => {
    waiting = [];
    seen = 0;
  });
  afterAll(async () => {
    transport.connection.close();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  const send = (method: 'GET' | 'PATCH') => {
    const controller = new AbortController();
    const { signal } = controller;
    let isOver = false;
    const outcome = transport
      .send({ method, path: '/x', ...(method === 'GET' ? {} : { body: {} }), signal })
      .then(
        ({ status }) => status,
        (error: unknown) => (error as Error).message,
      )
      .finally(() => (isOver = true));
    return {
      outcome,
      isOver: () => isOver,
      abort: () => {
        controller.abort(new Error('enough'));
      },
    };
  };
  const answer = (status: number): void => {
    for (const response of waiting.splice(0)) response.writeHead(status).end('{}');
  };
  const arrived = (): Promise<unknown> => eventually(() => waiting.length === 1);

  it('is awaited when it writes and is on the wire: its answer says what became of it', async () => {
    const { outcome, abort, isOver } = send('PATCH');
    await arrived();
    abort();
    // One that only reads is given up after it, so whatever the signal ends at once has ended by then.
    const reading = send('GET');
    await eventually(() => waiting.length === 2);
    reading.abort();
    expect(await reading.outcome).toBe('enough');
    expect(isOver()).toBe(false);
    answer(200);
    expect(await outcome).toBe(200);
  });

  it('is not tried again', async () => {
    const { outcome, abort } = send('PATCH');
    await arrived();
    abort();
    answer(503);
    expect(await outcome).toBe('enough');
    expect(seen).toBe(1);
  });

  it('is not tried again when that comes to light as its process goes on after a standstill', async () => {
    // Over a connection that is there already, an attempt is on the wire at once.
    const others = [send('PATCH'), send('PATCH'), send('PATCH')];
    await eventually(() => waiting.length === others.length);
    answer(200);
    await Promise.all(others.map((other) => other.outcome));
    seen = 0;
    const { outcome, abort } = send('PATCH');
    await arrived();
    const taken = traffic.nextAnswer();
    answer(503);
    await taken;
    // The pause before the next attempt has begun; it is over after the standstill, and this timer as well.
    setTimeout(abort, 400);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    expect(await outcome).toBe('enough');
    expect(seen).toBe(1);
  });

  it('is given up when it only reads', async () => {
    const { outcome, abort } = send('GET');
    await arrived();
    abort();
    expect(await outcome).toBe('enough');
  });
});
