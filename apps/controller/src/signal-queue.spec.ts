import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createSignalQueue, type SignalQueue } from './signal-queue.js';
import { targetKey, type Target } from './targets.js';

const space = (name: string): Target => ({ kind: 'space', namespace: 'team', name });

describe('the signal queue', () => {
  let sent: string[];
  let away: boolean;
  let queue: SignalQueue;

  beforeEach(() => {
    jest.useFakeTimers();
    sent = [];
    away = false;
    queue = createSignalQueue({
      send: (target) => {
        if (away) return Promise.reject(new Error('away'));
        sent.push(targetKey(target));
        return Promise.resolve();
      },
    });
  });
  afterEach(() => {
    queue.stop();
    jest.useRealTimers();
  });

  it('sends the first signal at once, and one more for all that came after it', async () => {
    for (let index = 0; index < 10_000; index += 1) queue.push(space('app'));
    await jest.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(['space/team/app']);
    await jest.advanceTimersByTimeAsync(1000);
    expect(sent).toEqual(['space/team/app', 'space/team/app']);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(sent).toHaveLength(2);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('sends one signal in four seconds while changes go on, and targets do not wait for each other', async () => {
    for (let index = 0; index < 10_000; index += 1) {
      queue.push(space('app'));
      if (index % 100 === 0) queue.push(space(`web-${index}`));
      await jest.advanceTimersByTimeAsync(1);
    }
    await jest.advanceTimersByTimeAsync(2000);
    const app = sent.filter((key) => key === 'space/team/app');
    expect(app).toHaveLength(4);
    expect(new Set(sent).size).toBe(101);
  });

  it('does not wait for long once the changes have paused', async () => {
    for (let index = 0; index < 1_500; index += 1) {
      queue.push(space('app'));
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
      slow.push(space('app'));
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
    for (let index = 0; index < 500; index += 1) queue.push(space(`s${index}`));
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
      send: (target) => {
        if (target.name === 'bad') return Promise.reject(new Error('refused'));
        got.add(target.name);
        return Promise.resolve();
      },
    });
    picky.push(space('bad'));
    for (let index = 0; index < 50; index += 1) picky.push(space(`s${index}`));
    await jest.advanceTimersByTimeAsync(30_000);
    expect(got.size).toBe(50);
    picky.stop();
  });

  it('is silent after it was stopped', async () => {
    queue.push(space('app'));
    queue.push(space('app'));
    queue.stop();
    await jest.advanceTimersByTimeAsync(5000);
    queue.push(space('web'));
    await jest.advanceTimersByTimeAsync(5000);
    expect(sent).toHaveLength(1);
  });
});
