import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrokerSpec } from '@samband/topology';
import { BrokerFolder, recordedBrokers, type BrokerRecord } from './broker-folder.js';
import { recordFor } from './broker-record.js';

const aSpec = (id: string, changed: Partial<BrokerSpec> = {}): BrokerSpec => ({
  id,
  namespace: 'team1',
  space: id,
  heapMiB: 256,
  globalMaxBytes: 16 * 1024 * 1024,
  addressFullPolicy: 'FAIL',
  javaOptions: [],
  defaults: {},
  authentication: 'standard',
  ...changed,
});
/** Heap and what lies outside of it. */
const needed = 256 + 160;

describe('the record of a broker', () => {
  let stateDir: string;
  let available: number;
  beforeEach(async () => {
    stateDir = await mkdtemp(path.join(tmpdir(), 'samband-record-'));
  });
  afterEach(async () => {
    await rm(stateDir, { recursive: true });
  });

  const record = (spec: BrokerSpec): Promise<BrokerRecord> =>
    recordFor(spec, new BrokerFolder(stateDir, spec.id), {
      stateDir,
      host: '127.0.0.1',
      keepFreeMiB: 100,
      memory: () => Promise.resolve({ availableMiB: available, totalMiB: 24_000 }),
    });

  it('is given to one of two that come at once when there is memory for one', async () => {
    available = 100 + needed + needed - 1;
    const results = await Promise.allSettled([record(aSpec('0000001')), record(aSpec('0000002'))]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: {
        code: 'MEMORY_EXHAUSTED',
        message: expect.stringContaining(
          `${needed - 1} MiB of memory left for brokers, this one needs ${needed}`,
        ),
      },
    });
    expect(await recordedBrokers(stateDir)).toHaveLength(1);
  });

  it('is given to both, with ports of their own, when there is memory for both', async () => {
    available = 100 + needed + needed;
    const both = await Promise.all([record(aSpec('0000001')), record(aSpec('0000002'))]);
    expect(new Set(both.flatMap(({ ports }) => Object.values(ports))).size).toBe(6);
  });

  it('holds the memory of one that died: it is not asked for again', async () => {
    available = 100 + needed;
    const first = await record(aSpec('0000001'));
    available = 0;
    expect(await record(aSpec('0000001'))).toEqual(first);
  });

  it('of one that grows needs memory as a new one does; else it stays as it was, and so does its broker', async () => {
    available = 100 + needed;
    const first = await record(aSpec('0000001'));
    await expect(record(aSpec('0000001', { heapMiB: 257 }))).rejects.toMatchObject({
      code: 'MEMORY_EXHAUSTED',
      message: expect.stringMatching(
        new RegExp(`${needed} MiB.*needs ${needed + 1} MiB.*goes on with the ${needed} MiB`),
      ),
    });
    expect(await recordedBrokers(stateDir)).toMatchObject([{ record: first }]);
    available += 1;
    expect(await record(aSpec('0000001', { heapMiB: 257 }))).toMatchObject({ spec: { heapMiB: 257 } });
  });

  it('of one that grows takes nothing that another may yet grow to', async () => {
    available = 100 + 2 * needed;
    await record(aSpec('0000001'));
    await record(aSpec('0000002'));
    await expect(record(aSpec('0000002', { heapMiB: 300 }))).rejects.toMatchObject({
      code: 'MEMORY_EXHAUSTED',
    });
  });

  it('of one that shrinks asks for nothing', async () => {
    available = 100 + needed;
    await record(aSpec('0000001'));
    available = 0;
    expect(await record(aSpec('0000001', { heapMiB: 128 }))).toMatchObject({ spec: { heapMiB: 128 } });
  });

  it('of a size that no machine has holds nothing, and blocks nobody', async () => {
    available = 100 + needed;
    const huge = aSpec('0000001', { heapMiB: 524_288 });
    await new BrokerFolder(stateDir, huge.id).writeRecord({
      spec: huge,
      host: '127.0.0.1',
      ports: { amqp: 1, amqps: 2, admin: 3 },
    });
    await expect(record(huge)).rejects.toMatchObject({ code: 'MEMORY_EXHAUSTED' });
    expect(await record(aSpec('0000002'))).toMatchObject({ spec: { id: '0000002' } });
    available += needed;
    expect(await record(aSpec('0000001'))).toMatchObject({ spec: { heapMiB: 256 } });
  });

  it('of one that is parked holds no memory, and asks for it like a new one when it comes back, with its ports', async () => {
    available = 100 + needed;
    const first = await record(aSpec('0000001'));
    await new BrokerFolder(stateDir, '0000001').writeRecord({ ...first, parked: true });
    await record(aSpec('0000002'));
    await expect(record(aSpec('0000001'))).rejects.toMatchObject({ code: 'MEMORY_EXHAUSTED' });
    expect(await new BrokerFolder(stateDir, '0000001').readRecord()).toEqual({ ...first, parked: true });
    available += needed;
    expect(await record(aSpec('0000001', { heapMiB: 200 }))).toEqual({
      ...first,
      spec: aSpec('0000001', { heapMiB: 200 }),
    });
  });

  it('of one that was parked gets other ports where somebody took its own', async () => {
    available = 10_000;
    const first = await record(aSpec('0000001'));
    await new BrokerFolder(stateDir, '0000001').writeRecord({ ...first, parked: true });
    const taker = createServer().listen(first.ports.amqps, '127.0.0.1');
    await once(taker, 'listening');
    const { ports } = await record(aSpec('0000001'));
    taker.close();
    expect(Object.values(ports)).not.toContain(first.ports.amqps);
  });

  it('is not given to another space that claims the same id', async () => {
    available = 100_000;
    await record(aSpec('0000001'));
    await expect(record(aSpec('0000001', { space: 'other' }))).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
