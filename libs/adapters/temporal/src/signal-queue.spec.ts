import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createSignalQueue, type SignalQueue } from './signal-queue.js';

/** The targets of these tests are their own keys. */
const keyOf = (target: string): string => target;

describe('the signal queue', () => {
  let sent: string[];
  let away: boolean;
  let queue: SignalQueue<string>;

  beforeEach(() => {
    jest.useFakeTimers();
    sent = [];
    away = false;
    queue = createSignalQueue({
      keyOf,
      send: (target) => {
        if (away) return Promise.reject(new Error('away'));
        sent.push(target);
        return Promise.resolve();
      },
    });
  });
  afterEach(() => {
    queue.stop();
    jest.useRealTimers();
  });

  it('sends the first signal at once, and one more for all that came after it', async () => {
    for (let index = 0; index < 10_000; index += 1) queue.push('app');
    await jest.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(['app']);
    await jest.advanceTimersByTimeAsync(250);
    expect(sent).toEqual(['app', 'app']);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(sent).toHaveLength(2);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('sends one signal in four seconds while changes go on, and targets do not wait for each other', async () => {
    for (let index = 0; index < 10_000; index += 1) {
      queue.push('app');
      if (index % 100 === 0) queue.push(`web-${index}`);
      await jest.advanceTimersByTimeAsync(1);
    }
    await jest.advanceTimersByTimeAsync(2000);
    const app = sent.filter((key) => key === 'app');
    expect(app).toHaveLength(4);
    expect(new Set(sent).size).toBe(101);
  });

  it('does not wait for long once the changes have paused', async () => {
    for (let index = 0; index < 1_500; index += 1) {
      queue.push('app');
      await jest.advanceTimersByTimeAsync(1);
    }
    expect(sent).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(400);
    expect(sent).toHaveLength(2);
  });

  it('never has two signals to one target under way', async () => {
    let finish: () => void = () => undefined;
    let inFlight = 0;
    let most = 0;
    const slow = createSignalQueue({
      keyOf,
      send: () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        return new Promise((resolve) => {
          finish = () => {
            inFlight -= 1;
            resolve();
          };
        });
      },
    });
    for (let round = 0; round < 5; round += 1) {
      slow.push('app');
      await jest.advanceTimersByTimeAsync(1500);
    }
    expect(most).toBe(1);
    finish();
    await jest.advanceTimersByTimeAsync(1000);
    expect(inFlight).toBe(1);
    slow.stop();
  });

  it('keeps what is due while Temporal is away, asks gently, and sends all of it once it is back', async () => {
    away = true;
    for (let index = 0; index < 500; index += 1) queue.push(`s${index}`);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual([]);
    expect(queue.due).toBe(500);
    away = false;
    await jest.advanceTimersByTimeAsync(5000);
    expect(new Set(sent).size).toBe(500);
    expect(sent).toHaveLength(500);
    expect(queue.due).toBe(0);
  });

  it('sends to the others when one target is always refused', async () => {
    const got = new Set<string>();
    const picky = createSignalQueue({
      keyOf,
      send: (target) => {
        if (target === 'bad') return Promise.reject(new Error('refused'));
        got.add(target);
        return Promise.resolve();
      },
    });
    picky.push('bad');
    for (let index = 0; index < 50; index += 1) picky.push(`s${index}`);
    await jest.advanceTimersByTimeAsync(30_000);
    expect(got.size).toBe(50);
    picky.stop();
  });

  it('tells which targets Temporal has not taken the last signal for', async () => {
    let take: () => void = () => undefined;
    const slow = createSignalQueue({
      keyOf,
      send: () =>
        new Promise((resolve) => {
          take = resolve;
        }),
    });
    slow.push('app');
    await jest.advanceTimersByTimeAsync(0);
    expect(slow.unsent()).toEqual(['app']);
    slow.push('app');
    take();
    await jest.advanceTimersByTimeAsync(0);
    // What was pushed while a signal was on its way may have been missed by it.
    expect(slow.unsent()).toEqual(['app']);
    await jest.advanceTimersByTimeAsync(1000);
    take();
    await jest.advanceTimersByTimeAsync(0);
    expect(slow.unsent()).toEqual([]);
    slow.stop();
  });

  it('can be waited for until nothing is on its way', async () => {
    let take: () => void = () => undefined;
    const slow = createSignalQueue({ keyOf, send: () => new Promise((resolve) => (take = resolve)) });
    slow.push('app');
    slow.stop();
    let hasEnded = false;
    const ending = slow.ended().then(() => (hasEnded = true));
    await jest.advanceTimersByTimeAsync(10_000);
    expect(hasEnded).toBe(false);
    take();
    await ending;
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is silent after it was stopped', async () => {
    queue.push('app');
    queue.push('app');
    queue.stop();
    await jest.advanceTimersByTimeAsync(5000);
    queue.push('web');
    await jest.advanceTimersByTimeAsync(5000);
    expect(sent).toHaveLength(1);
  });
});
