import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SambandError } from '@samband/errors';
import { silentLogger } from '@samband/observability';
import { gitSourceSettings, type GitSource, type StatusOutcome } from '@samband/resources';
import type { Kubernetes, LiveResources } from '../ports.js';
import { source } from '../testing/world.fixture.js';
import { Refusals } from './refusals.js';
import type { Target } from './targets.js';

let objects: Map<string, GitSource>;
let writes: { name: string; status: unknown; resourceVersion: string | undefined }[];
/** What becomes of the next write. */
let next: StatusOutcome | 'fails';
let refusals: Refusals;

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
  objects = new Map();
  writes = [];
  next = 'written';
  const patchStatus: Kubernetes['patchStatus'] = ({ ref: { name }, status, resourceVersion }) => {
    if (next === 'fails') return Promise.reject(new SambandError('KUBERNETES_UNAVAILABLE', 'away'));
    if (next === 'written') {
      writes.push({ name, status, resourceVersion });
      const known = objects.get(name);
      if (known !== undefined) objects.set(name, { ...known, status: { ...known.status, ...status } });
    }
    return Promise.resolve(next);
  };
  refusals = new Refusals({
    kubernetes: { patchStatus } as Kubernetes,
    resources: { get: ({ name }) => objects.get(name) } as LiveResources,
    clock: { wall: () => Date.now(), monotonic: () => Date.now(), sleep: () => Promise.resolve() },
    logger: silentLogger,
  });
});
afterEach(async () => {
  await refusals.close();
  jest.useRealTimers();
});

function target(name: string): Target {
  const made = source(name);
  made.metadata.resourceVersion = '7';
  if (!objects.has(name)) objects.set(name, made);
  return { source: made, settings: gitSourceSettings(made.spec), key: `team1/${name}` };
}

const seconds = (count: number): Promise<void> => jest.advanceTimersByTimeAsync(count * 1000);
const shown = (name: string): unknown => objects.get(name)?.status?.refusedWebhooks;

describe('refused webhooks', () => {
  it('are counted on their source, with why and when the last one was', async () => {
    refusals.note(target('app'), 'signature');
    await seconds(1);
    refusals.note(target('app'), 'noSecret');
    await seconds(2);
    expect(shown('app')).toEqual({
      count: 2,
      lastReason: expect.stringContaining('no secret to verify it with'),
      lastAt: '2026-01-01T00:00:01.000Z',
    });
    expect(writes).toMatchObject([{ resourceVersion: '7' }]);
  });

  it('are added to those that were counted before', async () => {
    refusals.note(target('app'), 'signature');
    await seconds(2);
    refusals.note(target('app'), 'signature');
    await seconds(20);
    expect(shown('app')).toMatchObject({ count: 2 });
  });

  it('cost one write in 15 s, however many they are', async () => {
    for (let count = 0; count < 1_000; count += 1) {
      refusals.note(target('app'), 'signature');
      await seconds(0.04);
    }
    expect(writes.length).toBeLessThanOrEqual(3);
    await seconds(20);
    expect(shown('app')).toMatchObject({ count: 1_000 });
  });

  it('of very many sources are written a few at a time', async () => {
    for (let index = 0; index < 100; index += 1) refusals.note(target(`app-${index}`), 'signature');
    await seconds(2);
    expect(writes).toHaveLength(10);
    await seconds(18);
    expect(writes).toHaveLength(100);
  });

  it.each(['conflict', 'fails'] as const)('are written later when a write %s', async (outcome) => {
    next = outcome;
    refusals.note(target('app'), 'signature');
    await seconds(2);
    refusals.note(target('app'), 'signature');
    next = 'written';
    await seconds(20);
    expect(shown('app')).toMatchObject({ count: 2 });
  });

  it('of a source that is gone are forgotten', async () => {
    refusals.note(target('app'), 'signature');
    objects.clear();
    await seconds(60);
    expect(writes).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
