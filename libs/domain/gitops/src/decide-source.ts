import { isFinished, type RolloutPhase } from '@samband/resources';
import { isHeal, whenToHeal, type DriftToHeal } from './heal.js';
import { choosePruned } from './rollout-history.js';
import {
  inOrder,
  nextOrder,
  type RolloutCause,
  type RolloutOrder,
  type RolloutView,
} from './rollout-order.js';

export interface SourceSituation {
  readonly source: string;
  /** Commit at the head of the branch as just fetched; `undefined` when that failed. */
  readonly head: string | undefined;
  readonly generation: number;
  readonly isSuspended: boolean;
  /** Seconds. */
  readonly interval: number;
  /** All Rollouts of the source, in any order. */
  readonly rollouts: readonly RolloutView[];
  /** Those of sources that had its name before: they tell nothing of this one, but their names are taken. */
  readonly ofNamesakes?: readonly RolloutView[];
  readonly requests: {
    /** `samband.dev/requested-at` has changed, or a webhook came: look now, do not wait for the interval. */
    readonly isSyncAsked: boolean;
    /** Value of `samband.dev/rollback-to` that was not answered. */
    readonly rollbackTo?: string;
  };
  /** What is to be put back; nothing while a rollout runs. */
  readonly drift?: DriftToHeal;
  /** Epoch ms. */
  readonly now: number;
}

export interface SourceDecision {
  /** Rollout object to create, with cause, head, generation, sequence, follows and rollbackTo kept on it. */
  readonly create?: RolloutOrder;
  /** Rollouts that a newer one takes over from; those that do not run are started just to make room. */
  readonly supersede: readonly string[];
  /** The one rollout that should run now; starting one that runs already changes nothing. */
  readonly start?: string;
  /** Rollout objects beyond the history that is kept. */
  readonly forget: readonly string[];
  /** Why a rollback that was asked for is not done. */
  readonly refusedRollback?: string;
  /** How often the same objects were put back in a row, when that does not help: they wait now. */
  readonly repeatedDrift?: number;
  /** Seconds until the next look, at the latest. */
  readonly nextCheckIn: number;
}

/** Attempts at one commit that fail for a reason of class `later`, and seconds before the second and third. */
export const LATER_ATTEMPTS = 3;
const LATER_BACKOFF = [30, 120];
/** Seconds that clocks may differ by without having been put back. */
const CLOCK_SKEW = 60;
/** Seconds between looks while a rollout that was told to yield has not yet. */
const YIELD_CHECK = 2;
/** Seconds until a fetch that failed is tried again, when the interval is not shorter. */
const FETCH_RETRY = 30;

const preliminary: ReadonlySet<RolloutPhase> = new Set(['Pending', 'Planned', 'AwaitingConfirmation']);

/** Whether a newer rollout ends this one: at once, or by the way back. Past its commit point it finishes first. */
export function yieldsToNewer({ phase, isCommitted }: Pick<RolloutView, 'phase' | 'isCommitted'>): boolean {
  return !isFinished(phase) && isCommitted !== true;
}

/**
 * Decides what a source does next, from nothing but its Rollout objects, the head and what was asked for. Deciding
 * twice from the same objects gives the same; deciding again after `create` was done creates nothing more.
 */
export function decideSource(situation: SourceSituation): SourceDecision {
  const rollouts = inOrder(situation.rollouts);
  const newest = rollouts.at(-1);
  const { order, refusedRollback, waitUntil, repeatedDrift } = chooseOrder(situation, rollouts);
  const unfinished = rollouts.filter(({ phase }) => !isFinished(phase));
  const isNewest = (rollout: RolloutView): boolean => order === undefined && rollout === newest;
  // While the source is suspended nothing new begins, so what has begun makes room for nothing.
  const supersede = unfinished.filter(
    (one) => !isNewest(one) && (preliminary.has(one.phase) || (yieldsToNewer(one) && !situation.isSuspended)),
  );
  const busy = unfinished.find((one) => !preliminary.has(one.phase) && !supersede.includes(one));
  const start = chooseStart(situation, { busy, order, newest, isYielding: supersede.length > 0 });
  return {
    ...(order === undefined ? {} : { create: order }),
    supersede: supersede.map(({ name }) => name),
    ...(start === undefined ? {} : { start }),
    forget: choosePruned([...inOrder(situation.ofNamesakes ?? []), ...rollouts]),
    ...(refusedRollback === undefined ? {} : { refusedRollback }),
    ...(repeatedDrift === undefined ? {} : { repeatedDrift }),
    nextCheckIn: nextCheck(situation, supersede.length > 0, waitUntil),
  };
}

interface Choice {
  readonly order?: RolloutOrder;
  readonly refusedRollback?: string;
  /** Epoch ms when waiting is over. */
  readonly waitUntil?: number;
  readonly repeatedDrift?: number;
}

/** The rules in their order: the first that applies decides. */
function chooseOrder(situation: SourceSituation, all: readonly RolloutView[]): Choice {
  // What was put back says nothing of the head, nor of what became of it.
  const rollouts = all.filter((rollout) => !isHeal(rollout));
  const newest = rollouts.at(-1);
  const last = all.at(-1);
  const { source, head, generation, requests, now, interval, isSuspended, ofNamesakes = [] } = situation;
  if (isSuspended) return {};
  const make = (commit: string, cause: RolloutCause, seen: string): RolloutOrder =>
    nextOrder(source, [...ofNamesakes, ...all], {
      commit,
      cause,
      head: seen,
      generation,
      ...(last === undefined ? {} : { follows: last.name }),
    });
  if (newest === undefined || last === undefined)
    return head === undefined ? {} : { order: make(head, 'head', head) };

  const { rollbackTo } = requests;
  const isDone = newest.cause === 'rollback' && newest.rollbackTo === rollbackTo;
  if (rollbackTo !== undefined && !isDone) {
    const target = rollouts.find(({ name }) => name === rollbackTo);
    if (target?.phase !== 'Succeeded') {
      const why = target === undefined ? 'does not exist (any more)' : `is ${target.phase}, not Succeeded`;
      const unasked = { ...situation, requests: { isSyncAsked: requests.isSyncAsked } };
      const refusedRollback = `the rollout ${rollbackTo.slice(0, 80)} ${why}`;
      return { ...chooseOrder(unasked, all), refusedRollback };
    }
    // Away from the head that was known: one that came meanwhile is newer than the request, and has its turn next.
    return { order: { ...make(target.commit, 'rollback', newest.head), rollbackTo } };
  }
  if (head !== undefined && head !== newest.head) return { order: make(head, 'head', head) };
  const again = (cause: RolloutCause): Choice => ({ order: make(newest.commit, cause, newest.head) });
  // While the new spec's repository cannot be read, nothing is known to be rolled out by it.
  if (
    head !== undefined &&
    generation !== newest.generation &&
    (isFinished(last.phase) || yieldsToNewer(last))
  ) {
    return again('spec');
  }
  if (!isFinished(last.phase)) return {};
  const heal = (): Choice => {
    const { drift } = situation;
    // What is stuck waits for somebody; until then it is not known what is in force.
    if (drift === undefined || last.phase === 'Failed') return {};
    const { at, times } = whenToHeal(all, drift, (one) => endOf(one, now));
    const isAsked = requests.isSyncAsked || last.isRetryAsked;
    if (!isAsked && now < at) return { waitUntil: at, repeatedDrift: times };
    return { order: make(drift.commit, 'drift', newest.head) };
  };
  if (newest.isRetryAsked) return again('retry');
  // Nothing is newer than it, so what superseded it was removed by hand: its commit never had its turn.
  if (newest.phase === 'Superseded') return again(newest.cause);
  const ended = endOf(newest, now);
  if (newest.phase === 'Refused' && newest.failure === 'missing') {
    const dueAt = ended + interval * 1000;
    if (requests.isSyncAsked || now >= dueAt) return again('missing');
    return sooner(heal(), dueAt);
  }
  if (newest.failure === 'later') {
    const pause = LATER_BACKOFF[laterAttempts(rollouts) - 1];
    if (pause === undefined) return heal();
    const dueAt = ended + pause * 1000;
    if (requests.isSyncAsked || now >= dueAt) return again('later');
    return sooner(heal(), dueAt);
  }
  return heal();
}

/** What is due first. */
function sooner(choice: Choice, dueAt: number): Choice {
  return { ...choice, waitUntil: Math.min(choice.waitUntil ?? Infinity, dueAt) };
}

/** An end in the future was written before the clock was put back: nobody waits for that moment to come again. */
function endOf({ finishedAt, createdAt }: RolloutView, now: number): number {
  const ended = finishedAt ?? createdAt;
  return ended > now + CLOCK_SKEW * 1000 ? 0 : ended;
}

/** How many of the newest rollouts are one row of attempts at one commit that nobody asked for anew. */
function laterAttempts(rollouts: readonly RolloutView[]): number {
  let count = 0;
  for (const { cause } of rollouts.toReversed()) {
    count++;
    if (cause !== 'later') break;
  }
  return Math.min(count, LATER_ATTEMPTS);
}

function chooseStart(
  { isSuspended }: SourceSituation,
  found: {
    busy?: RolloutView | undefined;
    order?: RolloutOrder | undefined;
    newest?: RolloutView | undefined;
    isYielding: boolean;
  },
): string | undefined {
  if (found.busy !== undefined) return found.busy.name;
  if (isSuspended || found.isYielding) return undefined;
  if (found.order !== undefined) return found.order.name;
  return found.newest === undefined || isFinished(found.newest.phase) ? undefined : found.newest.name;
}

function nextCheck(
  { head, interval, now }: SourceSituation,
  isYielding: boolean,
  waitUntil = Infinity,
): number {
  const wait = Math.max(1, Math.ceil((waitUntil - now) / 1000));
  return Math.min(
    interval,
    wait,
    isYielding ? YIELD_CHECK : Infinity,
    head === undefined ? FETCH_RETRY : Infinity,
  );
}
