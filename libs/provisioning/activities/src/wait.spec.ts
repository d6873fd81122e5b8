import { describe, expect, it } from '@jest/globals';
import type { ObjectRef, ResourceChange, ResourceView } from '@samband/resources';
import { waitFor, type Verdict } from './wait.js';
import { aRun } from './world.spec-helper.js';

describe('waiting', () => {
  const viewOf = (subscribers: ((change: ResourceChange) => void)[]): ResourceView => ({
    get: () => undefined,
    list: () => [],
    byIndex: () => [],
    subscribe: (listener) => {
      subscribers.push(listener);
      return () => undefined;
    },
  });
  const ref = (name: string): ObjectRef => ({
    apiVersion: 'enmasse.io/v1beta1',
    kind: 'Address',
    namespace: 'team',
    name,
  });

  it('of many at once costs one subscription, and each looks at its own objects only', async () => {
    const subscribers: ((change: ResourceChange) => void)[] = [];
    const ready = new Set<string>();
    const view = viewOf(subscribers);
    const looks: string[] = [];
    const names = Array.from({ length: 50 }, (_, index) => `app.q${index}`);
    const waits = names.map((name) =>
      waitFor(
        view,
        [ref(name)],
        (_, of) => {
          looks.push(of.name);
          return ready.has(of.name) ? { kind: 'done' } : { kind: 'pending', message: 'not yet' };
        },
        10_000,
        aRun(),
      ),
    );
    expect(subscribers).toHaveLength(1);
    expect(looks.splice(0)).toEqual(names);
    for (const name of names) {
      ready.add(name);
      for (const tell of subscribers) tell({ ref: ref(name), before: undefined, after: undefined });
    }
    expect(await Promise.all(waits)).toEqual(names.map(() => ({ done: 1, failed: [], pending: [] })));
    expect(looks).toEqual(names);
  });

  it('goes on when what was doubted turns out well', async () => {
    const subscribers: ((change: ResourceChange) => void)[] = [];
    let verdict: Verdict = { kind: 'doubted', message: 'no topic', forMs: 60_000 };
    const wait = waitFor(viewOf(subscribers), [ref('app.sub')], () => verdict, 60_000, aRun());
    verdict = { kind: 'done' };
    for (const tell of subscribers) tell({ ref: ref('app.sub'), before: undefined, after: undefined });
    expect(await wait).toEqual({ done: 1, failed: [], pending: [] });
  });

  it.each([
    ['its doubt is over', 1, 60_000],
    ['the deadline has come', 60_000, 1],
  ])('has failed when what was doubted is still so once %s', async (_, doubtMs, deadlineMs) => {
    const doubt: Verdict = { kind: 'doubted', message: 'no topic', forMs: doubtMs };
    const wait = waitFor(viewOf([]), [ref('app.sub')], () => doubt, deadlineMs, aRun());
    expect(await wait).toEqual({
      done: 0,
      failed: [{ ref: ref('app.sub'), message: 'no topic' }],
      pending: [],
    });
  });
});
