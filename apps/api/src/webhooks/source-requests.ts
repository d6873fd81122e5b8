import { randomInt } from 'node:crypto';
import type { EntityRef } from '@samband/contract';
import type { CounterMetric, Logger, Metrics } from '@samband/observability';
import { annotations, kindRef, type ObjectRef } from '@samband/resources';
import type { Clock, Kubernetes, SignalSource } from '../ports.js';
import { createRequestTokens } from './request-token.js';
import { SourceSignals } from './source-signals.js';

/** Milliseconds between the starts of two stamps of one source. */
const minInterval = 75;

interface Stamping {
  startedAt: number;
  running: Promise<string> | undefined;
  /** Will start after this moment: requests may join it. */
  next: Promise<string> | undefined;
}

export interface SourceRequestsOptions {
  readonly kubernetes: Kubernetes;
  readonly signalSource: SignalSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Asks sources to look at their repositories. The annotation `samband.dev/requested-at` is the durable inbox; the
 * signal to Temporal only makes it quicker. Requests for one source that come together share a stamp, but each
 * gets one that was begun after the request: the last of a hundred pushes is never lost.
 */
export class SourceRequests {
  readonly #options: SourceRequestsOptions;
  readonly #token: () => string;
  readonly #stampings = new Map<string, Stamping>();
  readonly #signals: SourceSignals;
  readonly #stamps: CounterMetric;

  constructor(options: SourceRequestsOptions) {
    this.#options = options;
    this.#token = createRequestTokens(
      () => options.clock.wall(),
      (below) => randomInt(below),
    );
    this.#stamps = options.metrics.counter({
      name: 'source_stamps_total',
      help: 'Annotations samband.dev/requested-at written, by outcome.',
      labels: ['outcome'],
    });
    this.#signals = new SourceSignals(options);
  }

  /**
   * @returns the value of the annotation, once it is in the Kubernetes API
   * @throws KUBERNETES_* when it could not be written, NOT_FOUND when the source is gone
   */
  request(source: EntityRef): Promise<string> {
    const key = `${source.namespace}/${source.name}`;
    const stamping = this.#stampings.get(key);
    if (stamping === undefined) {
      const fresh: Stamping = { startedAt: 0, running: undefined, next: undefined };
      this.#stampings.set(key, fresh);
      return this.#start(key, fresh, source);
    }
    stamping.next ??= this.#afterwards(key, stamping, source);
    return stamping.next;
  }

  /** Until nothing is on its way any more. New requests must have stopped. */
  async drain(): Promise<void> {
    await Promise.allSettled(
      [...this.#stampings.values()].flatMap(({ running, next }) => next ?? running ?? []),
    );
    await this.#signals.drain();
  }

  async #afterwards(key: string, stamping: Stamping, source: EntityRef): Promise<string> {
    await stamping.running?.catch(() => undefined);
    const { clock } = this.#options;
    const wait = stamping.startedAt + minInterval - clock.monotonic();
    if (wait > 0) await clock.sleep(wait);
    stamping.next = undefined;
    return this.#start(key, stamping, source);
  }

  #start(key: string, stamping: Stamping, source: EntityRef): Promise<string> {
    stamping.startedAt = this.#options.clock.monotonic();
    const running = this.#stamp(source);
    stamping.running = running;
    void this.#forget(key, stamping, running);
    return running;
  }

  /** Keeps the entry for the interval after the last stamp, then lets go of it. */
  async #forget(key: string, stamping: Stamping, running: Promise<string>): Promise<void> {
    await running.catch(() => undefined);
    await this.#options.clock.sleep(minInterval);
    const isIdle = stamping.running === running && stamping.next === undefined;
    if (isIdle) this.#stampings.delete(key);
  }

  async #stamp(source: EntityRef): Promise<string> {
    const token = this.#token();
    const ref: ObjectRef = { ...kindRef('GitSource'), ...source };
    const patch = { metadata: { annotations: { [annotations.requestedAt]: token } } };
    try {
      await this.#options.kubernetes.patch(ref, patch, { fieldManager: 'samband-api' });
    } catch (error) {
      this.#stamps.increment({ outcome: 'failed' });
      throw error;
    }
    this.#stamps.increment({ outcome: 'written' });
    this.#signals.send(source);
    return token;
  }
}
