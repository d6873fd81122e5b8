import type { EntityRef } from '@samband/contract';
import type { CounterMetric, Logger, Metrics } from '@samband/observability';
import type { Clock, SignalSource } from '../ports.js';

/** Milliseconds that a signal may take before it is given up: the stamp is enough. */
const signalLimit = 1000;
/** Milliseconds from one signal to the next: twice as many each time, until none was due for so long. */
const gaps = { first: 250, longest: 4000 };
/** Sources whose last signal is remembered, the latest. */
const remembered = 10_000;

interface Signalling {
  isDue: boolean;
  /** By the clock that nobody sets, ms. */
  sentAt: number;
  gap: number;
  running: Promise<void> | undefined;
}

export interface SourceSignalsOptions {
  readonly signalSource: SignalSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Tells workflows of sources that they were asked to look. The first signal goes out at once; a source that is pushed
 * to without a pause is told less and less often, since each look sees all pushes before it.
 */
export class SourceSignals {
  readonly #options: SourceSignalsOptions;
  readonly #signallings = new Map<string, Signalling>();
  readonly #outcomes: CounterMetric;
  #isClosed = false;
  #close: () => void = () => undefined;
  readonly #closed = new Promise<void>((resolve) => {
    this.#close = resolve;
  });

  constructor(options: SourceSignalsOptions) {
    this.#options = options;
    this.#outcomes = options.metrics.counter({
      name: 'source_signals_total',
      help: 'Signals to the workflows of sources, by outcome.',
      labels: ['outcome'],
    });
  }

  send(source: EntityRef): void {
    const key = `${source.namespace}/${source.name}`;
    const fresh = { isDue: false, sentAt: -Infinity, gap: gaps.first, running: undefined };
    const signalling: Signalling = this.#signallings.get(key) ?? fresh;
    this.#remember(key, signalling);
    signalling.isDue = true;
    signalling.running ??= this.#sendDue(signalling, source).finally(() => {
      signalling.running = undefined;
    });
  }

  /** Waits for signals that are on their way; what is due is left to the stamp. */
  async drain(): Promise<void> {
    this.#isClosed = true;
    this.#close();
    await Promise.allSettled([...this.#signallings.values()].flatMap(({ running }) => running ?? []));
  }

  async #sendDue(signalling: Signalling, source: EntityRef): Promise<void> {
    const { clock } = this.#options;
    while (signalling.isDue) {
      const wait = signalling.sentAt + signalling.gap - clock.monotonic();
      if (wait > 0) await Promise.race([clock.sleep(wait), this.#closed]);
      if (this.#isClosed) return;
      signalling.gap = -wait > gaps.longest ? gaps.first : Math.min(2 * signalling.gap, gaps.longest);
      signalling.sentAt = clock.monotonic();
      signalling.isDue = false;
      await this.#sendOne(source);
    }
  }

  async #sendOne(source: EntityRef): Promise<void> {
    const { signalSource, clock, logger } = this.#options;
    const outcome = await Promise.race([
      signalSource(source).then(
        () => ({ outcome: 'sent', error: undefined }),
        (error: unknown) => ({ outcome: 'failed', error }),
      ),
      clock.sleep(signalLimit).then(() => ({ outcome: 'late', error: undefined })),
    ]);
    this.#outcomes.increment({ outcome: outcome.outcome });
    if (outcome.outcome === 'sent') return;
    logger.warn('Temporal did not take a signal; the annotation on the source is enough', {
      source: `${source.namespace}/${source.name}`,
      ...outcome,
    });
  }

  /** As the latest; the oldest is forgotten, unless its signal is still on its way. */
  #remember(key: string, signalling: Signalling): void {
    this.#signallings.delete(key);
    this.#signallings.set(key, signalling);
    const [oldest] = this.#signallings;
    if (this.#signallings.size <= remembered || oldest === undefined) return;
    if (oldest[1].running === undefined) this.#signallings.delete(oldest[0]);
  }
}
