import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '@samband/errors';
import type { Logger } from '@samband/observability';
import {
  ourKind,
  type ResourceChange,
  type ResourceStore,
  type ResourceView,
  type StatusOutcome,
} from '@samband/resources';
import { createSignalQueue } from '@samband/temporal';
import { dueStatuses, judgedKinds } from './admin-status.js';
import { affected } from './affected.js';
import { dueOffers } from './offers.js';
import { targetKey, type Target } from './targets.js';
import { wanted } from './wanted.js';

export interface ControllerPorts {
  readonly view: ResourceView & { readonly ready: Promise<void> };
  /** Secrets, by metadata; a controller that may not watch them works without. */
  readonly secrets?: ResourceView;
  /** What spaces export beside Secrets, likewise. */
  readonly exports?: ResourceView;
  readonly store: Pick<ResourceStore, 'patchStatusMany' | 'apply'>;
  readonly signals: SignalSink;
  readonly logger: Logger;
  readonly onSignal?: (target: Target, outcome: 'sent' | 'failed') => void;
}

export interface SignalSink {
  send(target: Target): Promise<void>;
  /** Which workflows ran a moment ago. */
  running(): Promise<(target: Target) => boolean>;
  /** Whether the target's workflow runs now. */
  isRunning(target: Target): Promise<boolean>;
}

export interface ControllerTimes {
  /** Milliseconds from the first signal to a target to the second. */
  readonly gapMs?: number;
  /** Milliseconds from the end of one look at what should run to the next. */
  readonly sweepMs?: number;
}

export interface Controller {
  /** Signals that are not sent yet. */
  readonly due: number;
  stop(): Promise<void>;
}

const judgeDelayMs = 50;
const defaultSweepMs = 15_000;

/**
 * Tells workflows that something of theirs changed, judges operators' objects, and tells tenants what they offer.
 * Holds nothing that the Kubernetes API does not: at start everyone is signalled, and several controllers do no harm.
 */
export function startController(ports: ControllerPorts, times: ControllerTimes = {}): Controller {
  const { view, secrets, logger } = ports;
  const stopping = new AbortController();
  const { signal } = stopping;
  const queue = createSignalQueue<Target>({
    keyOf: targetKey,
    send: async (target) => {
      await ports.signals.send(target);
      ports.onSignal?.(target, 'sent');
    },
    onFailure: (target, error) => {
      ports.onSignal?.(target, 'failed');
      logger.warn('a signal could not be sent, it is tried again', { target, error });
    },
    ...(times.gapMs === undefined ? {} : { gapMs: times.gapMs }),
  });
  const judge = createJudge(ports, signal);

  let live = false;
  const onChange = (change: ResourceChange): void => {
    // What comes with the first list is told when all of it is there.
    if (!live) return;
    for (const target of affected(change, view)) queue.push(target);
    if (isJudged(change)) judge.touch();
  };
  const unsubscribe = [view, secrets, ports.exports].flatMap((one) => one?.subscribe(onChange) ?? []);

  const running = (async () => {
    await view.ready;
    live = true;
    const all = wanted(view, secrets);
    logger.info('everything is signalled', { targets: all.length });
    for (const target of all) queue.push(target);
    judge.touch();
    await sweep(ports, queue.push, times.sweepMs ?? defaultSweepMs, signal);
  })().catch((error: unknown) => {
    if (!signal.aborted) logger.error('the controller stopped', { error });
  });

  return {
    get due() {
      return queue.due;
    },
    async stop() {
      stopping.abort(new Error('the controller is stopped'));
      for (const end of unsubscribe) end();
      queue.stop();
      await Promise.all([running, judge.ended()]);
    },
  };
}

/**
 * Starts again what should run and does not: workflows that someone ended, or all of them when Temporal lost
 * its memory. One list of all; questions and signals only for those that are missing in it.
 */
async function sweep(
  { view, secrets, signals, logger }: ControllerPorts,
  push: (target: Target) => void,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await sleep(everyMs, undefined, { signal });
    try {
      const ran = await signals.running();
      for (const target of wanted(view, secrets)) {
        signal.throwIfAborted();
        if (ran(target) || (await signals.isRunning(target))) continue;
        logger.info('a workflow does not run, it is started', { target });
        push(target);
      }
    } catch (error) {
      signal.throwIfAborted();
      logger.debug('Temporal could not be asked what runs', { error });
    }
  }
}

interface Judge {
  /** Something changed: judge soon, once for all changes that come together. */
  touch(): void;
  ended(): Promise<void>;
}

function createJudge({ view, store, logger }: ControllerPorts, signal: AbortSignal): Judge {
  let touched = false;
  let running: Promise<void> | undefined;

  const run = async (): Promise<void> => {
    for (let failures = 0; touched && !signal.aborted;) {
      await sleep(failures === 0 ? judgeDelayMs : Math.min(10_000, 500 * 2 ** failures), undefined, {
        signal,
      });
      touched = false;
      try {
        const writes = dueStatuses(view, new Date().toISOString());
        const outcomes: StatusOutcome[] = await store.patchStatusMany(writes);
        // On a conflict the newer object is on its way here, and touches again.
        failures = 0;
        if (writes.length > 0)
          logger.info('plans judged', { written: outcomes.filter((o) => o === 'written').length });
        for (const offer of dueOffers(view)) {
          await store.apply(offer, { fieldManager: 'samband-controller', force: true });
          logger.info('what tenants can choose from has changed', { type: offer.metadata.name });
        }
      } catch (error) {
        failures += 1;
        touched = true;
        logger.warn('a judgement could not be written, it is tried again', {
          error,
          code: errorCode(error) ?? '',
        });
      }
    }
  };

  const start = (): void => {
    running ??= run()
      .catch(() => undefined)
      .finally(() => {
        running = undefined;
        if (touched && !signal.aborted) start();
      });
  };

  return {
    touch() {
      touched = true;
      start();
    },
    ended: async () => running,
  };
}

const judged = new Set<string>([...judgedKinds, 'AddressSpaceSchema']);

function isJudged({ ref }: ResourceChange): boolean {
  const kind = ourKind(ref)?.kind;
  return kind !== undefined && judged.has(kind);
}
