import { describe, expect, it } from '@jest/globals';
import type { ObjectRef, ResourceChange, ResourceView } from '@samband/resources';
import { waitFor } from './wait.js';
import { aRun } from './world.spec-helper.js';

describe('waiting', () => {
  const ref = (name: string): ObjectRef => ({
    apiVersion: 'enmasse.io/v1beta1',
    kind: 'Address',
    namespace: 'team',
    name,
  });

  it('of many at once costs one subscription, and each looks at its own objects only', async () => {
    const subscribers: ((change: ResourceChange) => void)[] = [];
    const ready = new Set<string>();
    const view: ResourceView = {
      get: () => undefined,
      list: () => [],
      byIndex: () => [],
      subscribe: (listener) => {
        subscribers.push(listener);
        return () => undefined;
      },
    };
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
});
