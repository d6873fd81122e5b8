import { describe, expect, it } from '@jest/globals';
import { judgeQuota, type QuotaEntry, type SpaceLimits } from './quota.js';

const limits: SpaceLimits = {
  brokerMicros: 3000,
  maxQueues: 1000,
  planName: 'small',
  infraConfig: 'default',
  heapMiB: 256,
};
const entry = (name: string, rest: Partial<QuotaEntry> = {}): QuotaEntry => ({
  name,
  brokerMicros: 1000,
  isReady: false,
  ...rest,
});
const refusedOf = (entries: QuotaEntry[], changed: Partial<SpaceLimits> = {}): string[] =>
  judgeQuota(entries, { ...limits, ...changed }).refused.map(({ name, reason }) => `${name} ${reason}`);

describe('judgeQuota', () => {
  it('refuses nothing up to the limit', () => {
    expect(judgeQuota([entry('a'), entry('b'), entry('c')], limits)).toEqual({
      usedMicros: 3000,
      refused: [],
    });
  });

  it('names what is used, what is allowed and what overflows', () => {
    expect(judgeQuota([entry('app.d'), entry('app.c'), entry('app.b'), entry('app.a')], limits)).toEqual({
      usedMicros: 4000,
      refused: [
        {
          name: 'app.d',
          reason: 'QuotaExceeded',
          message:
            'quota exceeded: the addresses use 0.004 broker credits, plan small allows 0.003; app.d does not fit',
        },
      ],
    });
  });

  it.each<[string, QuotaEntry[], string[]]>([
    [
      'those that are ready come first',
      [entry('a'), entry('b'), entry('c'), entry('z', { isReady: true })],
      ['c QuotaExceeded'],
    ],
    [
      'then the older ones; what is yet to be created comes last',
      [
        entry('a'),
        entry('b', { createdAt: '2026-01-02T00:00:00Z' }),
        entry('c', { createdAt: '2026-01-01T00:00:00Z' }),
        entry('d', { createdAt: '2026-01-01T00:00:00Z' }),
      ],
      ['a QuotaExceeded'],
    ],
    [
      'smaller ones may still fit after one that did not',
      [entry('a', { brokerMicros: 2500 }), entry('b'), entry('c', { brokerMicros: 500 })],
      ['b QuotaExceeded'],
    ],
    [
      'addresses without credit always fit',
      [entry('a', { brokerMicros: 3000 }), entry('b'), entry('c', { brokerMicros: 0 })],
      ['b QuotaExceeded'],
    ],
  ])('%s', (_, entries, expected) => {
    expect(refusedOf(entries)).toEqual(expected);
    expect(refusedOf([...entries].reverse())).toEqual(expected);
  });

  it('judges memory apart, by its own reason', () => {
    const free = { brokerMicros: 0 };
    expect(
      judgeQuota([entry('a', free), entry('b', free), entry('c', free)], { ...limits, maxQueues: 2 }).refused,
    ).toEqual([
      {
        name: 'c',
        reason: 'CapacityExceeded',
        message:
          'capacity exceeded: the space has 3 addresses, a broker of infra config default (heap 256 MiB) holds 2; c does not fit',
      },
    ]);
  });

  it('counts 3300 times 0.001 as 3.3', () => {
    const entries = Array.from({ length: 3301 }, (_, index) => entry(`a${String(index).padStart(5, '0')}`));
    expect(refusedOf(entries, { brokerMicros: 3_300_000, maxQueues: 10_000 })).toEqual([
      'a03300 QuotaExceeded',
    ]);
  });
});
