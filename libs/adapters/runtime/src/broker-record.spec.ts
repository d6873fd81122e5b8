import { mkdtemp, rm } from 'node:fs/promises';
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
      availableMiB: () => Promise.resolve(available),
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

  it('is not given to another space that claims the same id', async () => {
    available = 100_000;
    await record(aSpec('0000001'));
    await expect(record(aSpec('0000001', { space: 'other' }))).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
