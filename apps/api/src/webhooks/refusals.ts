import { errorCode } from '@samband/errors';
import type { Logger } from '@samband/observability';
import { isOfKind, kindRef, type StatusOutcome } from '@samband/resources';
import type { Clock, Kubernetes, LiveResources } from '../ports.js';
import { bodyLimits } from './authenticate.js';
import type { Target } from './targets.js';

/** Why webhooks are refused, in words of ours only: nothing that a sender chose gets into a status. */
export const refusalReasons = {
  noSecret: 'no secret to verify it with: spec.webhook names none, or its Secret has no key "secret"',
  signature: 'the signature does not fit the secret, or there is none',
  mediaType: 'neither JSON nor a form, or compressed',
  payload: 'signed well, but not what the provider sends',
  tooLarge: `larger than ${bodyLimits.read / (1 << 20)} MiB`,
  tooMany: 'too many in a short time',
} as const;

export type RefusalReason = keyof typeof refusalReasons;

const limits = {
  /** Sources with refusals that are not written yet. */
  sources: 1_000,
  /** Milliseconds between two looks at them, and between two writes to one source. */
  tick: 2_000,
  pause: 15_000,
  writesAtOnce: 10,
};

interface Noted {
  readonly namespace: string;
  readonly name: string;
  readonly count: number;
  readonly reason: RefusalReason;
  /** Of the last one; ms since 1970. */
  readonly at: number;
}

interface RefusalsOptions {
  readonly kubernetes: Kubernetes;
  readonly resources: LiveResources;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Shows on a GitSource that its webhooks are refused, since whoever set one up looks there and not into our log. However
 * many there are, a source is written at most every 15 s, and all of them together a few times a second.
 */
export class Refusals {
  readonly #noted = new Map<string, Noted>();
  /** When each source was written last, for as long as that holds back the next write. */
  readonly #written = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(private readonly options: RefusalsOptions) {}

  note({ source: { metadata }, key }: Target, reason: RefusalReason): void {
    const { namespace = '', name } = metadata;
    const { count } = this.#noted.get(key) ?? { count: 0 };
    if (count === 0 && this.#noted.size >= limits.sources) return;
    this.#noted.set(key, { namespace, name, count: count + 1, reason, at: this.options.clock.wall() });
    this.#schedule();
  }

  /** When nothing is on its way any more; what was not written by then is forgotten. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#writing;
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => {
      this.#writing = this.#write().finally(() => {
        this.#timer = undefined;
        if (this.#noted.size > 0) this.#schedule();
      });
    }, limits.tick).unref();
  }

  async #write(): Promise<void> {
    const now = this.options.clock.monotonic();
    for (const [key, at] of this.#written) if (now - at >= limits.pause) this.#written.delete(key);
    const due = [...this.#noted].filter(([key]) => !this.#written.has(key));
    for (const [key, noted] of due.slice(0, limits.writesAtOnce)) {
      this.#written.set(key, now);
      try {
        if ((await this.#publish(noted)) === 'conflict') continue;
        const { count } = this.#noted.get(key) ?? noted;
        if (count === noted.count) this.#noted.delete(key);
        else this.#noted.set(key, { ...noted, count: count - noted.count });
      } catch (error) {
        const code = errorCode(error);
        this.options.logger.warn('Refused webhooks could not be written down', { source: key, code });
      }
    }
  }

  /** On top of what is counted already, by this process or another. */
  async #publish({ namespace, name, count, reason, at }: Noted): Promise<StatusOutcome> {
    const ref = { ...kindRef('GitSource'), namespace, name };
    const source = this.options.resources.get(ref);
    if (source === undefined || !isOfKind('GitSource', source)) return 'gone';
    const before = source.status?.refusedWebhooks?.count ?? 0;
    const refusedWebhooks = {
      count: Math.min(Number.MAX_SAFE_INTEGER, before + count),
      lastReason: refusalReasons[reason],
      lastAt: new Date(at).toISOString(),
    };
    const { resourceVersion } = source.metadata;
    return this.options.kubernetes.patchStatus({
      ref,
      status: { refusedWebhooks },
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    });
  }
}
