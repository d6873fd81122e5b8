import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrokerSpec } from '@samband/topology';
import { BrokerFolder } from './broker-folder.js';
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
});
