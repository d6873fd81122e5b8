import { randomUUID } from 'node:crypto';
import { errorCode, SambandError } from '@samband/errors';
import { INFRA_NAMESPACE, labels, type KubeObject, type ObjectRef } from '@samband/resources';
import type { Clock, Kubernetes } from '../ports.js';

/** Milliseconds that a journal counts as its writer's after a write; who takes over waits longer than that. */
export const trustTime = 30_000;
/** What a journal is kept in. */
export const journalKind = { apiVersion: 'v1', kind: 'ConfigMap' } as const;
/** What etcd takes in one object, less some room for the rest of it. */
const maxBytes = 900 * 1024;

/**
 * What this process has accepted and not yet handed to Temporal, where a kill cannot take it away: one ConfigMap of
 * its own, with one list in it, replaced as a whole. Writes must not overlap.
 */
export class Journal {
  readonly ref: ObjectRef = {
    ...journalKind,
    namespace: INFRA_NAMESPACE,
    name: `samband-inbox-${randomUUID()}`,
  };
  readonly #kubernetes: Kubernetes;
  readonly #clock: Clock;
  /** What the ConfigMap holds for certain, also when the last write ended in doubt. */
  #held = new Set<string>();
  #isLeft = false;
  #resourceVersion: string | undefined;
  #writes = 0;
  /** By the clock that nobody sets, ms. */
  #writtenAt = -Infinity;

  constructor(kubernetes: Kubernetes, clock: Clock) {
    this.#kubernetes = kubernetes;
    this.#clock = clock;
  }

  /** Whether the ConfigMap may hold something. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Whether a process that takes over from this one would find the entry. */
  holds(entry: string): boolean {
    return this.#held.has(entry) && this.#clock.monotonic() < this.#writtenAt + trustTime;
  }

  /** @throws KUBERNETES_* when it is not certain that it was written; TOO_MANY_REQUESTS beyond 900 KiB */
  async write(entries: readonly string[]): Promise<void> {
    const list = JSON.stringify(entries);
    if (Buffer.byteLength(list) > maxBytes) {
      throw new SambandError('TOO_MANY_REQUESTS', 'Too many sources wait for Temporal.', {
        facts: { retryAfterSeconds: 30 },
      });
    }
    const next = new Set(entries);
    const begunAt = this.#clock.monotonic();
    this.#held = new Set([...this.#held].filter((entry) => next.has(entry)));
    this.#isLeft = true;
    this.#resourceVersion = await this.#put(list);
    this.#isLeft = entries.length > 0;
    this.#held = next;
    this.#writtenAt = begunAt;
  }

  async remove(): Promise<void> {
    if (this.#writes > 0) await this.#kubernetes.delete(this.ref);
  }

  async #put(list: string): Promise<string | undefined> {
    this.#writes += 1;
    try {
      return await this.#putAt(this.#resourceVersion, list);
    } catch (error) {
      if (!isOutdated(error)) throw error;
      // An earlier write that was given up got through after all, or somebody removed it.
      const now = await this.#kubernetes.get(this.ref);
      return await this.#putAt(now?.metadata.resourceVersion, list);
    }
  }

  /** A write that arrives late must not undo a later one: the API server compares versions. */
  async #putAt(resourceVersion: string | undefined, list: string): Promise<string | undefined> {
    const object: KubeObject = {
      ...journalKind,
      metadata: {
        name: this.ref.name,
        namespace: INFRA_NAMESPACE,
        labels: { [labels.inbox]: 'webhooks' },
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
      // The count makes each write a change, and so a sign of life.
      data: { sources: list, writes: String(this.#writes) },
    };
    const options = { fieldManager: 'samband-api' };
    const written =
      resourceVersion === undefined
        ? await this.#kubernetes.create(object, options)
        : await this.#kubernetes.replace(object, options);
    return written.metadata.resourceVersion;
  }
}

function isOutdated(error: unknown): boolean {
  return ['CONFLICT', 'KUBERNETES_CONFLICT', 'NOT_FOUND'].includes(errorCode(error) ?? '');
}
