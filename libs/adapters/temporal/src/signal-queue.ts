export interface SignalQueueOptions<T> {
  /** Targets with the same key are one. */
  readonly keyOf: (target: T) => string;
  /** Sends one signal; when it rejects, the target stays due. */
  readonly send: (target: T) => Promise<void>;
  /** Milliseconds from the first signal to a target to the second; twice as long each time; default 250. */
  readonly gapMs?: number;
  /** Milliseconds between two signals to a target that is pushed without a pause; default 16 gaps. */
  readonly longestGapMs?: number;
  /** Signals in flight; default 8. */
  readonly concurrency?: number;
  readonly onFailure?: (target: T, error: unknown) => void;
}

/**
 * Signals that are due. The first for a target goes out at once; those that follow without a pause come the later the
 * more there are, or once a flood has paused, since each look costs, at a space the more the larger it is.
 * At most one is in flight: the signals carry nothing, so the last one stands for all before it.
 */
export interface SignalQueue<T> {
  readonly push: (target: T) => void;
  /** Number of targets with a signal that is not sent yet. */
  readonly due: number;
  /** Targets that Temporal has not taken the last signal for: those that are due, and those in flight. */
  unsent(): T[];
  /** Sends nothing more; what is due is sent again by whoever starts next. */
  stop(): void;
  /** When nothing is in flight any more. */
  ended(): Promise<void>;
}

interface Entry<T> {
  readonly target: T;
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

export function createSignalQueue<T>(options: SignalQueueOptions<T>): SignalQueue<T> {
  const { keyOf, send, gapMs = 250, longestGapMs = 16 * gapMs, concurrency = 8, onFailure } = options;
  const entries = new Map<string, Entry<T>>();
  const ready = new Set<Entry<T>>();
  const timers = new Set<NodeJS.Timeout>();
  /** Signals on their way. */
  const sending = new Map<Entry<T>, Promise<void>>();
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
      if (stopped || paused || sending.size >= lanes) return;
      ready.delete(entry);
      const delivery = deliver(entry).finally(() => {
        sending.delete(entry);
        pump();
      });
      sending.set(entry, delivery);
    }
  };

  const deliver = async (entry: Entry<T>): Promise<void> => {
    entry.due = false;
    entry.resting = true;
    try {
      await send(entry.target);
      failures = 0;
      entry.sentAt = performance.now();
      rest(entry);
    } catch (error) {
      failures += 1;
      entry.due = true;
      entry.resting = false;
      ready.add(entry);
      if (!stopped) pause();
      onFailure?.(entry.target, error);
    }
  };

  const rest = (entry: Entry<T>): void => {
    if (stopped) return;
    after(entry.gapMs, () => {
      wake(entry);
    });
  };

  const wake = (entry: Entry<T>): void => {
    entry.resting = false;
    if (!entry.due) {
      entries.delete(keyOf(entry.target));
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

  const pause = (): void => {
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
      const key = keyOf(target);
      const entry = entries.get(key) ?? fresh(target, gapMs);
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
    unsent: () =>
      [...entries.values()].filter((entry) => entry.due || sending.has(entry)).map(({ target }) => target),
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
    async ended() {
      await Promise.all(sending.values());
    },
  };
}

function fresh<T>(target: T, gapMs: number): Entry<T> {
  return { target, due: false, resting: false, gapMs, pushedAt: 0, sentAt: 0 };
}
