import { describe, expect, it } from '@jest/globals';
import { eventually } from '@samband/testing';
import { pipeline } from './bulk.js';
import { Traffic } from './traffic.js';

const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

describe('work on many items', () => {
  /** Items that wait until they are let go, over a server that others may use too. */
  function world() {
    let now = 0;
    const traffic = new Traffic(() => now);
    const waiting: (() => void)[] = [];
    const work = (): Promise<void> =>
      traffic.request(() => new Promise<void>((resolve) => waiting.push(resolve)));
    return {
      traffic,
      waiting,
      work,
      advance: (ms: number) => {
        now += ms;
      },
      release: () => {
        for (const go of waiting.splice(0)) go();
      },
    };
  }
  const items = Array.from({ length: 200 }, (_, index) => index);

  it('has 32 in flight while nobody else has a request', async () => {
    const { traffic, waiting, work } = world();
    void pipeline(items, work, traffic);
    await turns();
    expect(waiting).toHaveLength(32);
  });

  it('has a few in flight while others have requests, and until they have had none for a moment', async () => {
    const { traffic, waiting, work, advance, release } = world();
    let answer: () => void = () => undefined;
    const other = traffic.request(() => new Promise<void>((resolve) => (answer = resolve)));
    void pipeline(items, work, traffic);
    await turns();
    expect(waiting).toHaveLength(8);
    answer();
    await other;
    release();
    await turns();
    expect(waiting).toHaveLength(8);
    advance(200);
    await eventually(() => waiting.length === 32);
  });

  it('that is stopped begins nothing new, and ends when nothing is in flight any more', async () => {
    const { traffic, waiting, work, release } = world();
    const controller = new AbortController();
    let isOver = false;
    const { signal } = controller;
    const ended = pipeline(items, work, traffic, { signal }).catch((error: unknown) => {
      isOver = true;
      return error;
    });
    await turns();
    const [first, ...others] = waiting.splice(0);
    controller.abort(new Error('enough'));
    first?.();
    await turns();
    expect(waiting).toEqual([]);
    expect(isOver).toBe(false);
    for (const go of others) go();
    expect(await ended).toMatchObject({ message: 'enough' });
    release();
    expect(waiting).toEqual([]);
  });

  it('gives results in the order of the items, failures among them', async () => {
    const outcomes = await pipeline(
      [3, 1, 2],
      (item) => (item === 1 ? Promise.reject(new Error('one')) : Promise.resolve(item * 10)),
      new Traffic(),
    );
    expect(outcomes).toMatchObject([{ ok: true, value: 30 }, { ok: false }, { ok: true, value: 20 }]);
  });
});
