import { setMaxListeners } from 'node:events';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { errorCode, SambandError, toFailureOptions, toSambandError } from '@samband/errors';

/** What an activity may ask of the engine that runs it. */
export interface Running {
  /** Tells the engine that work goes on; carries what was done so far. */
  readonly beat: (progress?: string) => void;
  /** Aborts when the activity is cancelled or timed out: whatever goes on after that must not write. */
  readonly signal: AbortSignal;
  /** When the first attempt was asked for. */
  readonly since: Date;
  /** Ms since then, however often a worker died meanwhile, and whatever this machine's clock says: for deadlines. */
  readonly elapsedMs: () => number;
  /** Whether this attempt is no longer the one that counts: then nothing more may be written. */
  readonly isDisowned: () => boolean;
}

/** The part of its time limits that an attempt may use: the engine counts from a little earlier than we do. */
const share = 0.9;

/** Between two beats, which cost a fifth of a millisecond each: some steps would beat a thousand times a second. */
const pauseMs = 250;

export function running(): Running {
  const context = Context.current();
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = context.info;
  // The engine says 0 where there is no limit.
  const limit = (ms: number | undefined): number => (ms === undefined || ms === 0 ? Infinity : ms * share);
  const longest = limit(context.info.startToCloseTimeoutMs);
  const longestStill = limit(context.info.heartbeatTimeoutMs);
  const began = performance.now();
  // A process that stood still (stopped, swapped out, a laptop asleep) goes on before the engine can tell it that
  // somebody else does the step by now: its own clock tells.
  const overdue = new AbortController();
  let beaten = began;
  const look = (): void => {
    const now = performance.now();
    const isOver = now - began > longest || now - beaten > longestStill;
    if (isOver && !overdue.signal.aborted)
      overdue.abort(new SambandError('INTERNAL', 'this attempt stood still for too long and was given up'));
  };
  const signal = AbortSignal.any([context.cancellationSignal, overdue.signal]);
  // One for each request in flight; Node warns of a leak at eleven.
  setMaxListeners(0, signal);
  return {
    beat: (progress) => {
      look();
      const now = performance.now();
      if (now - beaten < pauseMs && beaten !== began) return;
      beaten = now;
      context.heartbeat(progress);
    },
    signal,
    isDisowned: () => {
      look();
      return isDisowned(signal);
    },
    since: new Date(scheduledTimestampMs),
    elapsedMs: () => currentAttemptScheduledTimestampMs - scheduledTimestampMs + performance.now() - began,
  };
}

/** Reasons to stop that leave the step its last words; with any other, somebody else does the step by now. */
const ownedStops = new Set(['CANCELLED', 'WORKER_SHUTDOWN']);

/**
 * Whether this attempt is no longer the one that counts (timed out, or its workflow is gone): then nothing more may
 * be written. A cancelled step may still note what it did. `signal.reason` is Temporal's `CancelledFailure`, whose
 * message is the reason's name.
 */
export function isDisowned(signal: AbortSignal): boolean {
  const { reason } = signal as { reason: unknown };
  return signal.aborted && !(reason instanceof Error && ownedStops.has(reason.message));
}

type Activity = (...args: never[]) => Promise<unknown>;

/**
 * Lets failures cross into workflows as Temporal wants them: `type` is the code of the catalogue, and what can
 * never succeed is not tried again.
 */
export function withFailures<T extends Record<keyof T, Activity>>(activities: T): T {
  const wrapped = Object.entries<Activity>(activities as Record<string, Activity>).map(([name, run]) => [
    name,
    async (...args: never[]) => {
      try {
        return await run(...args);
      } catch (error) {
        // Cancellations and failures that are Temporal's already pass as they are.
        if (errorCode(error) === undefined && isTemporalFailure(error)) throw error;
        throw ApplicationFailure.create(toFailureOptions(toSambandError(error)));
      }
    },
  ]);
  return Object.fromEntries(wrapped) as T;
}

function isTemporalFailure(error: unknown): boolean {
  return (
    error instanceof Error &&
    ['CancelledFailure', 'ApplicationFailure', 'CompleteAsyncError'].includes(error.name)
  );
}

/** Beats at a steady pace while `work` runs, for steps that cannot tell how far they are. */
export async function beating<T>(run: Running, work: Promise<T>): Promise<T> {
  const timer = setInterval(() => {
    run.beat();
  }, 5_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
