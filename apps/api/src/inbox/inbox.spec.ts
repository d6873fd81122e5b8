import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SambandError } from '@samband/errors';
import { createMetrics, silentLogger } from '@samband/observability';
import { INFRA_NAMESPACE } from '@samband/resources';
import { createMemoryStore, type MemoryStore } from '@samband/testing';
import { systemClock, type Kubernetes } from '../ports.js';
import { Inbox } from './inbox.js';

const app = { namespace: 'team1', name: 'app' };
const web = { namespace: 'team2', name: 'web' };

interface Process {
  readonly inbox: Inbox;
  /** Sources whose signals Temporal took from it. */
  readonly signals: string[];
  /** Writes to the Kubernetes API that were asked for. */
  writes: number;
  /** Kills it: nothing of it has effect any more. */
  kill(): void;
}

let memory: MemoryStore;
let isTemporalAway: boolean;
/** What happens to a write: it is done, refused, or done without an answer. */
let writing: 'works' | 'fails' | 'is in doubt';

beforeEach(() => {
  jest.useFakeTimers();
  memory = createMemoryStore({ namespaces: [INFRA_NAMESPACE] });
  isTemporalAway = false;
  writing = 'works';
});
afterEach(() => {
  jest.useRealTimers();
});

function anApi(): Process {
  let isDead = false;
  const { store } = memory;
  const away = (): SambandError => new SambandError('KUBERNETES_UNAVAILABLE', 'away');
  const write = async <T>(work: () => Promise<T>): Promise<T> => {
    made.writes += 1;
    if (isDead || writing === 'fails') throw away();
    const result = await work();
    if (writing === 'is in doubt') throw away();
    return result;
  };
  const kubernetes: Partial<Kubernetes> = {
    get: (ref) => store.get(ref),
    list: (...call) => (isDead ? Promise.reject(away()) : store.list(...call)),
    create: (...call) => write(() => store.create(...call)),
    replace: (...call) => write(() => store.replace(...call)),
    delete: (...call) => write(() => store.delete(...call)),
  };
  const signals: string[] = [];
  const inbox = new Inbox({
    kubernetes: kubernetes as Kubernetes,
    signalSource: ({ namespace, name }) => {
      if (isDead || isTemporalAway) return Promise.reject(new SambandError('TEMPORAL_UNAVAILABLE', 'away'));
      signals.push(`${namespace}/${name}`);
      return Promise.resolve();
    },
    clock: systemClock,
    logger: silentLogger,
    metrics: createMetrics({ process: 'test' }),
  });
  const made: Process = {
    inbox,
    signals,
    writes: 0,
    kill: () => {
      isDead = true;
    },
  };
  inbox.open();
  return made;
}

/** What became of a push after so many milliseconds. */
async function within(milliseconds: number, push: Promise<void>): Promise<string> {
  let outcome = 'waits';
  push.then(
    () => (outcome = 'accepted'),
    (error: unknown) => (outcome = (error as SambandError).code),
  );
  await jest.advanceTimersByTimeAsync(milliseconds);
  return outcome;
}

function journals(): string[][] {
  return memory
    .all()
    .map(({ data }) => JSON.parse((data as { sources: string }).sources) as string[])
    .sort();
}

describe('the inbox', () => {
  it('writes nothing for a push that Temporal takes at once', async () => {
    const api = anApi();
    expect(await within(50, api.inbox.accept(app))).toBe('accepted');
    expect([api.signals, api.writes]).toEqual([['team1/app'], 0]);
  });

  it('keeps what Temporal does not take, and hands it over when Temporal is back', async () => {
    isTemporalAway = true;
    const api = anApi();
    expect(await within(50, api.inbox.accept(app))).toBe('accepted');
    expect(journals()).toEqual([['team1/app']]);
    isTemporalAway = false;
    await jest.advanceTimersByTimeAsync(20_000);
    expect(api.signals).toEqual(['team1/app']);
    expect(journals()).toEqual([[]]);
  });

  it('writes once for all that come together, and not again for a source that it owes a signal already', async () => {
    isTemporalAway = true;
    const api = anApi();
    const together = [api.inbox.accept(app), api.inbox.accept(web), api.inbox.accept(app)];
    expect(
      await within(
        50,
        Promise.all(together).then(() => undefined),
      ),
    ).toBe('accepted');
    for (let push = 0; push < 10; push += 1) {
      expect(await within(50, api.inbox.accept(app))).toBe('accepted');
    }
    expect(api.writes).toBe(1);
  });

  it('takes a push that comes at the very moment when others were accepted', async () => {
    const api = anApi();
    expect(
      await within(
        100,
        api.inbox.accept(app).then(() => api.inbox.accept(web)),
      ),
    ).toBe('accepted');
  });

  it('sends a signal every four seconds while pushes do not pause, and one after the last', async () => {
    const api = anApi();
    for (let waited = 0; waited < 30_000; waited += 100) {
      expect(await within(100, api.inbox.accept(app))).toBe('accepted');
    }
    expect(api.signals).toHaveLength(8);
    const before = api.signals.length;
    void api.inbox.accept(app);
    await jest.advanceTimersByTimeAsync(4000);
    expect(api.signals.length).toBeGreaterThan(before);
  });

  it('refuses a push that could be lost, and accepts the next one', async () => {
    isTemporalAway = true;
    writing = 'fails';
    const api = anApi();
    expect(await within(50, api.inbox.accept(app))).toBe('KUBERNETES_UNAVAILABLE');
    writing = 'works';
    expect(await within(50, api.inbox.accept(app))).toBe('accepted');
    expect(journals()).toEqual([['team1/app']]);
  });

  it('goes on after a write of which it is not known whether it was done', async () => {
    isTemporalAway = true;
    writing = 'is in doubt';
    const api = anApi();
    expect(await within(50, api.inbox.accept(app))).toBe('KUBERNETES_UNAVAILABLE');
    writing = 'works';
    expect(await within(50, api.inbox.accept(web))).toBe('accepted');
    expect(journals()).toEqual([['team1/app', 'team2/web']]);
  });

  it('refuses what does not fit into the journal', async () => {
    isTemporalAway = true;
    const api = anApi();
    const many = Array.from({ length: 4000 }, (_, index) =>
      api.inbox.accept({ namespace: 'team1', name: `${'x'.repeat(245)}${index}` }),
    );
    expect(
      await within(
        50,
        Promise.all(many).then(() => undefined),
      ),
    ).toBe('TOO_MANY_REQUESTS');
  });

  it('leaves what Temporal has not taken when it is closed, and else nothing', async () => {
    const api = anApi();
    isTemporalAway = true;
    void api.inbox.accept(app);
    const closing = api.inbox.close();
    await jest.advanceTimersByTimeAsync(50);
    await closing;
    expect(journals()).toEqual([['team1/app']]);
    isTemporalAway = false;
    const next = anApi();
    await jest.advanceTimersByTimeAsync(120_000);
    await next.inbox.close();
    expect(memory.all()).toEqual([]);
  });
});

describe('what a killed api has accepted', () => {
  async function leave(): Promise<void> {
    isTemporalAway = true;
    const killed = anApi();
    expect(await within(50, killed.inbox.accept(app))).toBe('accepted');
    killed.kill();
  }

  it('is signalled by the next one as soon as that starts', async () => {
    await leave();
    isTemporalAway = false;
    const next = anApi();
    await jest.advanceTimersByTimeAsync(10);
    expect(next.signals).toEqual(['team1/app']);
  });

  it('is signalled by another one that was there already, which then removes the journal', async () => {
    const other = anApi();
    await leave();
    isTemporalAway = false;
    await jest.advanceTimersByTimeAsync(120_000);
    expect(other.signals).toContain('team1/app');
    expect(memory.all()).toEqual([]);
  });

  it('is signalled once more before its journal goes: its writer may have accepted until the end', async () => {
    await leave();
    isTemporalAway = false;
    const next = anApi();
    await jest.advanceTimersByTimeAsync(59_000);
    expect(next.signals).toEqual(['team1/app']);
    expect(journals()).toEqual([['team1/app']]);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(next.signals).toEqual(['team1/app', 'team1/app']);
    expect(memory.all()).toEqual([]);
  });

  it('stays as long as Temporal does not take it', async () => {
    await leave();
    anApi();
    await jest.advanceTimersByTimeAsync(300_000);
    expect(journals()).toContainEqual(['team1/app']);
  });

  it('is not taken from one that lives', async () => {
    isTemporalAway = true;
    const alive = anApi();
    anApi();
    expect(await within(50, alive.inbox.accept(app))).toBe('accepted');
    const names = (): string[] => memory.all().map(({ metadata }) => metadata.name);
    const [own] = names();
    await jest.advanceTimersByTimeAsync(300_000);
    expect(names()).toContain(own);
  });

  it('is looked for again soon when the Kubernetes API did not answer', async () => {
    await leave();
    isTemporalAway = false;
    const list = jest.spyOn(memory.store, 'list').mockRejectedValueOnce(new Error('away'));
    const next = anApi();
    await jest.advanceTimersByTimeAsync(1_100);
    expect(next.signals).toEqual(['team1/app']);
    list.mockRestore();
  });

  it.each(['{', '{"a":1}', '[1]', '["team1", "a/b/c", "Team1/app", "team1/../x"]'])(
    'is ignored when it is no list of sources: %s',
    async (sources) => {
      await memory.store.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'left', namespace: INFRA_NAMESPACE, labels: { 'samband.dev/inbox': 'webhooks' } },
        data: { sources },
      });
      const next = anApi();
      await jest.advanceTimersByTimeAsync(120_000);
      expect([next.signals, memory.all()]).toEqual([[], []]);
    },
  );
});
