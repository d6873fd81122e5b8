import type { EntityRef } from '@samband/contract';
import type { CounterMetric, Logger, Metrics } from '@samband/observability';
import { createSignalQueue, type SignalQueue } from '@samband/temporal';
import type { Clock, Kubernetes, SignalSource } from '../ports.js';
import { isNamespaceName, isObjectName } from '../support/names.js';
import { Journal } from './journal.js';
import { LeftJournals } from './left-journals.js';

/** Milliseconds that requests are gathered: meanwhile most signals arrive, and need no journal. */
const gatherTime = 20;
/** Milliseconds between two looks at the journals, and after one that failed. */
const tendTimes = { usual: 15_000, failed: 1000 };

interface Waiter {
  readonly key: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface InboxOptions {
  readonly kubernetes: Kubernetes;
  readonly signalSource: SignalSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Pushes on their way to the workflows of their sources. One is accepted when it cannot be lost any more: Temporal has
 * taken a signal that was sent after it, or the journal holds that such a signal is owed. A source that is pushed to
 * without a pause is signalled less and less often, since each look sees all pushes before it; what is owed to it
 * already needs no further write, so that a flood costs no more than the sources that it is for.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #queue: SignalQueue<EntityRef>;
  readonly #journal: Journal;
  readonly #left: LeftJournals;
  readonly #writes: CounterMetric;
  #waiters: Waiter[] = [];
  #settling: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #tending: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: InboxOptions) {
    const { kubernetes, clock, logger, metrics, signalSource } = options;
    this.#options = options;
    this.#journal = new Journal(kubernetes, clock);
    this.#left = new LeftJournals(kubernetes, clock, this.#journal.ref.name);
    const signals = metrics.counter({
      name: 'source_signals_total',
      help: 'Signals to the workflows of sources, by outcome.',
      labels: ['outcome'],
    });
    this.#writes = metrics.counter({
      name: 'inbox_writes_total',
      help: 'Writes of the journal of accepted webhooks, by outcome.',
      labels: ['outcome'],
    });
    this.#queue = createSignalQueue<EntityRef>({
      keyOf,
      send: async (source) => {
        await signalSource(source);
        signals.increment({ outcome: 'sent' });
      },
      onFailure: (source, error) => {
        signals.increment({ outcome: 'failed' });
        logger.warn('Temporal did not take a signal; it is sent again', { source: keyOf(source), error });
      },
    });
    metrics.gauge({
      name: 'inbox_unsent',
      help: 'Sources whose last push Temporal has not taken yet.',
      read: () => this.#queue.unsent().length,
    });
  }

  /** Signals what killed processes have left, now and from time to time. */
  open(): void {
    this.#tending = this.#tend();
  }

  /**
   * Resolves when the push cannot be lost any more.
   * @throws KUBERNETES_* when the journal was needed and could not be written, TOO_MANY_REQUESTS when it is full
   */
  accept(source: EntityRef): Promise<void> {
    this.#queue.push(source);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ key: keyOf(source), resolve, reject });
      this.#settling ??= this.#settle();
    });
  }

  /** Makes the source's workflow look, for requests that are written down elsewhere. */
  signal(source: EntityRef): void {
    this.#queue.push(source);
  }

  /** When nothing is on its way any more; what Temporal has not taken is left in the journal. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#settling;
    await this.#tending;
    this.#queue.stop();
    await this.#queue.ended();
    try {
      if (this.#unsent().length > 0) await this.#write();
      else await this.#journal.remove();
    } catch (error) {
      this.#options.logger.warn('The journal could not be left as it should be', { error });
    }
  }

  async #settle(): Promise<void> {
    while (this.#waiters.length > 0) {
      await this.#options.clock.sleep(gatherTime);
      const waiters = this.#waiters;
      this.#waiters = [];
      const unsent = new Set(this.#unsent());
      const open: Waiter[] = [];
      for (const waiter of waiters) {
        if (unsent.has(waiter.key) && !this.#journal.holds(waiter.key)) open.push(waiter);
        else waiter.resolve();
      }
      if (open.length === 0) continue;
      try {
        await this.#write();
        for (const { resolve } of open) resolve();
      } catch (error) {
        for (const { reject } of open) reject(error);
      }
    }
    // Without a pause after the last look at the waiters: one that comes later begins anew.
    this.#settling = undefined;
  }

  async #tend(): Promise<void> {
    let pause = tendTimes.usual;
    try {
      // Also when nothing has changed: a journal that is not written any more counts as left.
      if (this.#journal.isLeft || this.#unsent().length > 0) await this.#write();
      await this.#left.tend(
        (entries) => {
          for (const source of entries.flatMap(parseKey)) this.#queue.push(source);
        },
        (entries) => {
          const unsent = new Set(this.#unsent());
          return !entries.some((entry) => unsent.has(entry));
        },
      );
    } catch (error) {
      pause = tendTimes.failed;
      this.#options.logger.warn('The journals of webhooks cannot be tended', { error });
    }
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#tending = this.#tend();
    }, pause).unref();
  }

  #unsent(): string[] {
    return this.#queue.unsent().map(keyOf);
  }

  /** One after the other, each of what is unsent when its turn has come. */
  async #write(): Promise<void> {
    const turn = this.#writing.then(() => this.#journal.write(this.#unsent()));
    this.#writing = turn.catch(() => undefined);
    try {
      await turn;
      this.#writes.increment({ outcome: 'written' });
    } catch (error) {
      this.#writes.increment({ outcome: 'failed' });
      throw error;
    }
  }
}

function parseKey(key: string): EntityRef[] {
  const [namespace = '', name = '', ...rest] = key.split('/');
  return isNamespaceName(namespace) && isObjectName(name) && rest.length === 0 ? [{ namespace, name }] : [];
}

function keyOf({ namespace, name }: EntityRef): string {
  return `${namespace}/${name}`;
}
