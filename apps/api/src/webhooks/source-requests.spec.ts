import { describe, expect, it } from '@jest/globals';
import { createMetrics, silentLogger } from '@samband/observability';
import type { Clock, Kubernetes } from '../ports.js';
import { createRequestTokens } from './request-token.js';
import { SourceRequests } from './source-requests.js';

const source = { namespace: 'team1', name: 'app' };
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A world whose time stands until `advance`, and whose stamps end when they are told to. */
function world() {
  let now = 1000;
  const sleepers: { at: number; wake: () => void }[] = [];
  const stamps: { key: string; end: (error?: Error) => void }[] = [];
  const signals: { end: (error?: Error) => void }[] = [];
  const clock: Clock = {
    wall: () => 1_767_225_600_000,
    monotonic: () => now,
    sleep: (ms) =>
      new Promise((wake) =>
        sleepers.push({
          at: now + ms,
          wake: () => {
            wake();
          },
        }),
      ),
  };
  const settled = (list: { end: (error?: Error) => void }[], extra: object) =>
    new Promise<never>((resolve, reject) => {
      list.push({
        ...extra,
        end: (error?: Error) => {
          if (error === undefined) resolve(undefined as never);
          else reject(error);
        },
      });
    });
  const kubernetes = {
    patch: (ref) => settled(stamps, { key: ref.name }),
  } as Partial<Kubernetes> as Kubernetes;
  const requests = new SourceRequests({
    kubernetes,
    signalSource: () => settled(signals, {}),
    clock,
    logger: silentLogger,
    metrics: createMetrics({ process: 'test' }),
  });
  const advance = async (ms: number) => {
    now += ms;
    for (const sleeper of sleepers.filter(({ at }) => at <= now)) sleeper.wake();
    await turn();
  };
  return { requests, stamps, signals, advance };
}

describe('SourceRequests', () => {
  it('resolves when the stamp is written, before the signal arrived', async () => {
    const { requests, stamps } = world();
    const answer = requests.request(source);
    stamps[0]?.end();
    expect(await answer).toMatch(/^2026-01-01T00:00:00\.\d{9}Z$/);
  });

  it('gives whoever comes during a stamp the next one, shared, not before the interval is over', async () => {
    const { requests, stamps, advance } = world();
    const first = requests.request(source);
    const later = [requests.request(source), requests.request(source)];
    stamps[0]?.end();
    const token = await first;
    await advance(74);
    expect(stamps).toHaveLength(1);
    await advance(1);
    expect(stamps).toHaveLength(2);
    stamps[1]?.end();
    const [second, third] = await Promise.all(later);
    expect(second).toBe(third);
    expect(second).not.toBe(token);
  });

  it('does not let one source wait for another', async () => {
    const { requests, stamps } = world();
    void requests.request(source);
    void requests.request({ ...source, name: 'other' });
    await turn();
    expect(stamps.map(({ key }) => key)).toEqual(['app', 'other']);
  });

  it('fails those who asked for the stamp that failed, and nobody after them', async () => {
    const { requests, stamps, advance } = world();
    const first = requests.request(source);
    const second = requests.request(source);
    stamps[0]?.end(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await advance(75);
    stamps[1]?.end();
    expect(await second).toBeDefined();
  });

  it('signals again when a stamp was written while a signal was on its way', async () => {
    const { requests, stamps, signals, advance } = world();
    void requests.request(source);
    stamps[0]?.end();
    await turn();
    void requests.request(source);
    await advance(75);
    stamps[1]?.end();
    await turn();
    expect(signals).toHaveLength(1);
    signals[0]?.end(new Error('Temporal is away'));
    await advance(500);
    expect(signals).toHaveLength(2);
  });

  it('signals the less often the longer pushes go on without a pause, and at once after one', async () => {
    const { requests, stamps, signals, advance } = world();
    const pushFor = async (ms: number) => {
      for (let waited = 0; waited < ms; waited += 100) {
        void requests.request(source);
        stamps.at(-1)?.end();
        await turn();
        signals.at(-1)?.end();
        await advance(100);
      }
    };
    await pushFor(30_000);
    expect(signals.length).toBeGreaterThan(8);
    expect(signals.length).toBeLessThan(14);
    await advance(4000);
    signals.at(-1)?.end();
    await advance(9000);
    const before = signals.length;
    await pushFor(100);
    expect(signals).toHaveLength(before + 1);
  });

  it('leaves what is due to the stamp when it is drained', async () => {
    const { requests, stamps, signals, advance } = world();
    void requests.request(source);
    stamps[0]?.end();
    await turn();
    signals[0]?.end();
    await advance(75);
    void requests.request(source);
    stamps[1]?.end();
    await turn();
    await requests.drain();
    expect(signals).toHaveLength(1);
  });

  it('gives a signal up after a second, and can be drained', async () => {
    const { requests, stamps, advance } = world();
    void requests.request(source);
    stamps[0]?.end();
    await turn();
    let drained = false;
    void requests.drain().then(() => (drained = true));
    await advance(999);
    expect(drained).toBe(false);
    await advance(1);
    await turn();
    expect(drained).toBe(true);
  });
});

describe('createRequestTokens', () => {
  it('never repeats and never goes back, whatever clock and chance do', () => {
    const times = [5000, 5000, 4000, 5001, 0];
    const next = createRequestTokens(
      () => times.shift() ?? 0,
      () => 7,
    );
    const tokens = Array.from({ length: 6 }, next);
    expect(tokens[0]).toBe('1970-01-01T00:00:05.000000007Z');
    expect([...new Set(tokens)].sort()).toEqual(tokens);
  });

  it('is a time that a program can read', () => {
    const token = createRequestTokens(
      () => 1_767_225_600_123,
      () => 999_999,
    )();
    expect(token).toBe('2026-01-01T00:00:00.123999999Z');
    expect(new Date(token).getTime()).toBe(1_767_225_600_123);
  });
});
