import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrokerSpec } from '@samband/topology';
import { BrokerFolder } from './broker-folder.js';
import { digestArgument } from './launch.js';
import { supervise } from './supervisor.js';

let stateDir: string;

beforeEach(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'samband-supervisor-'));
});

afterEach(async () => {
  await rm(stateDir, { recursive: true, force: true });
});

const spec = (id: string): BrokerSpec => ({
  id,
  namespace: 'team1',
  space: id,
  heapMiB: 128,
  globalMaxBytes: 16 * 1024 * 1024,
  addressFullPolicy: 'FAIL',
  javaOptions: [],
  defaults: {},
  authentication: 'standard',
});

describe('the supervisor', () => {
  it('tries a broker that cannot start again and again, with growing pauses, and says why', async () => {
    for (const [id, amqp] of [
      ['000000a', 20_001],
      ['000000b', 20_011],
    ] as const) {
      await new BrokerFolder(stateDir, id).writeRecord({
        spec: spec(id),
        host: '127.0.0.1',
        ports: { amqp, amqps: amqp + 1, admin: amqp + 2 },
      });
    }
    const failures: { at: number; broker: unknown; message: string }[] = [];
    const note = (_: string, facts: Readonly<Record<string, unknown>> = {}): void => {
      failures.push({ at: Date.now(), broker: facts['broker'], message: String(facts['error']) });
    };
    const deaths: string[] = [];
    const quiet = (): void => undefined;
    const logger = { debug: quiet, info: quiet, warn: quiet, error: note, child: () => logger };
    const stop = supervise({
      stateDir,
      logger,
      settings: () => Promise.reject(new Error('no Java here')),
      onDeath: (id) => deaths.push(id),
    });
    const of = (broker: string): number[] =>
      failures.filter((each) => each.broker === broker).map(({ at }) => at);
    const deadline = Date.now() + 30_000;
    while ((of('000000a').length < 3 || of('000000b').length < 3) && Date.now() < deadline) await sleep(50);
    await stop();
    const [first = 0, second = 0, third = 0] = of('000000a');
    expect(third - second).toBeGreaterThan(second - first);
    expect(of('000000b').length).toBeGreaterThanOrEqual(3);
    // Whoever says how a space is must hear of it at once, not when its broker is back.
    expect(deaths.filter((id) => id === '000000a').length).toBeGreaterThanOrEqual(3);
    expect(new Set(failures.map(({ message }) => message))).toEqual(new Set(['Error: no Java here']));
    expect(await readFile(path.join(stateDir, 'brokers', '000000a', 'broker.json'), 'utf8')).toContain(
      '000000a',
    );
  });

  it('ends a broker of which some new connections get no answer, and starts it anew', async () => {
    const id = '000000c';
    const folder = new BrokerFolder(stateDir, id);
    const ports = { amqp: 20_021, amqps: 20_022, admin: 20_023 };
    await folder.writeRecord({ spec: spec(id), host: '127.0.0.1', ports });
    // Stands in for a broker one of whose threads hangs: every fourth connection is never answered.
    const script = `let n = 0; for (const port of [${ports.amqp}, ${ports.amqps}])
      require('node:net').createServer((socket) => {
        socket.on('error', () => {});
        if (n++ % 4 > 0) socket.on('data', () => socket.end());
      }).listen(port, '127.0.0.1');`;
    const broker = spawn(process.execPath, ['-e', script, '--', digestArgument('x'), folder.path], {
      stdio: 'ignore',
    });
    const ended = once(broker, 'exit');
    const quiet = (): void => undefined;
    const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => logger };
    const hangs: string[] = [];
    let died: () => void = quiet;
    const death = new Promise<void>((resolve) => (died = resolve));
    const stop = supervise({
      stateDir,
      logger,
      settings: () => Promise.reject(new Error('no Java here')),
      onHang: (_, what) => {
        hangs.push(what);
        return Promise.resolve();
      },
      onDeath: () => {
        died();
      },
    });
    await Promise.all([ended, death]);
    await stop();
    expect(hangs).toEqual(['4 of 16 new connections got no answer within 5 s, 2 times in a row']);
  });
});
