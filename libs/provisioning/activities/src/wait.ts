import { refKey, type KubeObject, type ObjectRef, type ResourceView } from '@samband/resources';
import type { Running } from './running.js';

/** What a look at one awaited object says. */
export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'pending'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string }
  /** Failed, should it still be so when `forMs` have passed without another verdict. */
  | { readonly kind: 'doubted'; readonly message: string; readonly forMs: number };

export interface Waiting {
  readonly ref: ObjectRef;
  readonly message: string;
}

export interface WaitOutcome {
  readonly done: number;
  readonly failed: readonly Waiting[];
  /** Empty unless the deadline passed. */
  readonly pending: readonly Waiting[];
}

/** How far a wait is; read at once or not at all, since it goes on changing. */
export interface WaitState {
  readonly done: number;
  readonly total: number;
  /** By `refKey`. */
  readonly pending: ReadonlyMap<string, Waiting>;
  /** Keys of those that count as failed soon. */
  readonly doubted: Iterable<string>;
}

/** Of the time that a step may wait, which counts from when it was first asked for. */
export function remainingMs({ waitSeconds }: { readonly waitSeconds: number }, run: Running): number {
  return waitSeconds * 1000 - run.elapsedMs();
}

/**
 * Waits on watches, not by asking: each change of an awaited object is judged once, so the cost follows the
 * changes, however many others wait at the same time. Ends when all are done, when one failed, or at the deadline.
 */
export async function waitFor(
  view: ResourceView,
  refs: readonly ObjectRef[],
  judge: (object: KubeObject | undefined, ref: ObjectRef) => Verdict,
  forMs: number,
  run: Running,
  onLook: (state: WaitState) => void = () => undefined,
): Promise<WaitOutcome> {
  const deadline = performance.now() + forMs;
  const pending = new Map<string, Waiting>();
  /** Of those that are pending: when they count as failed. */
  const doubted = new Map<string, number>();
  const failed: Waiting[] = [];
  let changed = new Map<string, ObjectRef>(refs.map((ref) => [refKey(ref), ref]));
  for (const [key, ref] of changed) pending.set(key, { ref, message: 'not looked at yet' });
  let wake: () => void = () => undefined;
  const onAbort = (): void => {
    wake();
  };
  run.signal.addEventListener('abort', onAbort, { once: true });
  const unsubscribe = listen(view, [...pending.keys()], (key, ref) => {
    if (!pending.has(key)) return;
    changed.set(key, ref);
    wake();
  });
  try {
    for (;;) {
      const looks = changed;
      changed = new Map();
      for (const [key, ref] of looks) {
        const verdict = judge(view.get(ref), ref);
        if (verdict.kind === 'done' || verdict.kind === 'failed') pending.delete(key);
        else pending.set(key, { ref, message: verdict.message });
        if (verdict.kind === 'failed') failed.push({ ref, message: verdict.message });
        if (verdict.kind !== 'doubted') doubted.delete(key);
        else if (!doubted.has(key)) doubted.set(key, performance.now() + verdict.forMs);
      }
      const now = performance.now();
      for (const [key, until] of doubted) {
        const one = pending.get(key);
        if (one === undefined || (until > now && deadline > now)) continue;
        pending.delete(key);
        doubted.delete(key);
        failed.push(one);
      }
      run.beat(`${refs.length - pending.size} of ${refs.length}`);
      const done = refs.length - pending.size - failed.length;
      if (failed.length > 0 || pending.size === 0) return { done, failed, pending: [] };
      const left = deadline - performance.now();
      if (left <= 0) return { done, failed, pending: [...pending.values()] };
      run.signal.throwIfAborted();
      onLook({ done, total: refs.length, pending, doubted: doubted.keys() });
      await new Promise<void>((resolve) => {
        wake = resolve;
        const timer = setTimeout(resolve, Math.max(0, Math.min(left, 5_000, ...soonest(doubted))));
        timer.unref();
        if (changed.size > 0) resolve();
      });
    }
  } finally {
    run.signal.removeEventListener('abort', onAbort);
    unsubscribe();
  }
}

/** Milliseconds until the first of them counts. */
function soonest(doubted: ReadonlyMap<string, number>): number[] {
  let first = Infinity;
  for (const until of doubted.values()) first = Math.min(first, until);
  return first === Infinity ? [] : [first - performance.now()];
}

type Listener = (key: string, ref: ObjectRef) => void;
type Listeners = Map<string, Set<Listener>>;

/** By view, which is subscribed to once: thousands of subscribers would each look at every change there is. */
const listening = new WeakMap<ResourceView, Listeners>();

function listen(view: ResourceView, keys: readonly string[], listener: Listener): () => void {
  const listeners = listening.get(view) ?? subscribeOnce(view);
  for (const key of keys) {
    const others = listeners.get(key) ?? new Set();
    listeners.set(key, others.add(listener));
  }
  return () => {
    for (const key of keys) {
      const others = listeners.get(key);
      others?.delete(listener);
      if (others?.size === 0) listeners.delete(key);
    }
  };
}

function subscribeOnce(view: ResourceView): Listeners {
  const listeners: Listeners = new Map();
  listening.set(view, listeners);
  view.subscribe(({ ref }) => {
    const key = refKey(ref);
    for (const listener of listeners.get(key) ?? []) listener(key, ref);
  });
  return listeners;
}
