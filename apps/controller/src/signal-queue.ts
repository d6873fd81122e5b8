import { targetKey, type Target } from './targets.js';

export interface SignalQueueOptions {
  /** Sends one signal; when it rejects, the target stays due. */
  readonly send: (target: Target) => Promise<void>;
  /** Milliseconds at least between two signals to one target, and at most four times as long; default 1,000. */
  readonly gapMs?: number;
  /** Signals in flight; default 8. */
  readonly concurrency?: number;
  readonly onFailure?: (target: Target, error: unknown) => void;
}

/**
 * Signals that are due. The first for a target goes out at once; the next a second after it, those that follow without
 * a pause after two and four, or once a flood has paused, since each look costs, at a space the more the larger it is.
 * At most one is in flight: the signals carry nothing, so the last one stands for all before it.
 */
export interface SignalQueue {
  readonly push: (target: Target) => void;
  /** Targets with a signal that is not sent yet. */
  readonly due: number;
  /** Sends nothing more; what is due is sent again by whoever starts next. */
  stop(): void;
}

interface Entry {
  readonly target: Target;
  due: boolean;
  resting: boolean;
  /** Until the next one may follow, ms. */
  gapMs: number;
  /** By the clock that nobody sets, in ms. */
  pushedAt: number;
  sentAt: number;
}

/** A flood that was silent for so long has paused. */
const quietMs = 200;
const minBackoffMs = 250;
const maxBackoffMs = 5000;

export function createSignalQueue(options: SignalQueueOptions): SignalQueue {
  const { send, gapMs = 1000, concurrency = 8, onFailure } = options;
  const longestGapMs = 4 * gapMs;
  const entries = new Map<string, Entry>();
  const ready = new Set<Entry>();
  const timers = new Set<NodeJS.Timeout>();
  let inFlight = 0;
  let failures = 0;
  let paused = false;
  let stopped = false;

  const after = (ms: number, action: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, ms);
    timers.add(timer);
  };

  const pump = (): void => {
    // While Temporal is away one signal at a time finds out whether it is back.
    const lanes = failures > 0 ? 1 : concurrency;
    for (const entry of ready) {
      if (stopped || paused || inFlight >= lanes) return;
      ready.delete(entry);
      void deliver(entry);
    }
  };

  const deliver = async (entry: Entry): Promise<void> => {
    entry.due = false;
    entry.resting = true;
    inFlight += 1;
    try {
      await send(entry.target);
      failures = 0;
      entry.sentAt = performance.now();
      after(entry.gapMs, () => {
        wake(entry);
      });
    } catch (error) {
      failures += 1;
      entry.due = true;
      entry.resting = false;
      ready.add(entry);
      if (!stopped) rest();
      onFailure?.(entry.target, error);
    } finally {
      inFlight -= 1;
      pump();
    }
  };

  const wake = (entry: Entry): void => {
    entry.resting = false;
    if (!entry.due) {
      entries.delete(targetKey(entry.target));
      return;
    }
    const now = performance.now();
    if (now - entry.pushedAt < quietMs && now - entry.sentAt < longestGapMs) {
      entry.resting = true;
      after(quietMs, () => {
        wake(entry);
      });
      return;
    }
    entry.gapMs = Math.min(2 * entry.gapMs, longestGapMs);
    ready.add(entry);
    pump();
  };

  const rest = (): void => {
    if (paused) return;
    paused = true;
    const ms = Math.min(maxBackoffMs, minBackoffMs * 2 ** (failures - 1));
    after(ms / 2 + (Math.random() * ms) / 2, () => {
      paused = false;
      pump();
    });
  };

  return {
    push: (target) => {
      if (stopped) return;
      const key = targetKey(target);
      const fresh = { target, due: false, resting: false, gapMs, pushedAt: 0, sentAt: 0 };
      const entry = entries.get(key) ?? fresh;
      entries.set(key, entry);
      entry.due = true;
      entry.pushedAt = performance.now();
      if (entry.resting) return;
      ready.add(entry);
      pump();
    },
    get due() {
      return [...entries.values()].filter(({ due }) => due).length;
    },
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
