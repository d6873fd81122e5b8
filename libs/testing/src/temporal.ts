import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { searchAttributes } from '@samband/resources';
import { temporalBinary } from './binaries.js';
import { eventually } from './eventually.js';
import { freePorts } from './ports.js';
import { createProcessGroup } from './processes.js';

/** The product's search attributes as arguments of `temporal server start-dev`, e.g. for `TestWorkflowEnvironment.createLocal`. */
export const searchAttributeArguments: readonly string[] = Object.values(searchAttributes).flatMap((name) => [
  '--search-attribute',
  `${name}=Keyword`,
]);

export interface TestTemporal {
  /** `host:port` of the frontend. */
  readonly address: string;
  readonly namespace: string;
  /** Kills the server. Its memory is lost, except with `dbFile`. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface TestTemporalOptions {
  /** Keep state over `kill` and `start`; default false. */
  readonly durable?: boolean;
  /** Register the product's search attributes at start; default true. */
  readonly searchAttributes?: boolean;
  /** The server's own limits, e.g. `{ 'limit.historyCount.suggestContinueAsNew': 20 }`. */
  readonly dynamicConfig?: Readonly<Record<string, number>>;
}

/** A real Temporal dev server, without UI, on a free loopback port. */
export async function startTemporal(options: TestTemporalOptions = {}): Promise<TestTemporal> {
  const binary = temporalBinary();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'samband-temporal-'));
  const processes = createProcessGroup(folder);
  const [port = 0] = await freePorts(1);
  let current: ReturnType<typeof processes.start> | undefined;
  const start = async (): Promise<void> => {
    const server = processes.start('temporal', binary, [
      'server',
      'start-dev',
      '--headless',
      '--ip',
      '127.0.0.1',
      '--port',
      String(port),
      '--log-level',
      'error',
      ...(options.durable === true ? ['--db-filename', path.join(folder, 'temporal.db')] : []),
      ...(options.searchAttributes === false ? [] : searchAttributeArguments),
      ...Object.entries(options.dynamicConfig ?? {}).flatMap(([key, value]) => [
        '--dynamic-config-value',
        `${key}=${value}`,
      ]),
    ]);
    current = server;
    let ended: string | undefined;
    void server.ended.then((how) => (ended = how));
    // The CLI prints its table of addresses after the namespace and the search attributes exist.
    await eventually(
      async () => {
        if (ended !== undefined) return true;
        return server.log().includes(`:${port}`) && (await accepts(port));
      },
      { timeoutMs: 30_000 },
    );
    if (ended !== undefined) throw new Error(`${ended}:\n${server.log()}`);
  };
  const stop = async (): Promise<void> => {
    await processes.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    address: `127.0.0.1:${port}`,
    namespace: 'default',
    kill: async () => current?.kill(),
    start,
    stop,
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => {
      end(true);
    });
    socket.once('error', () => {
      end(false);
    });
  });
}
