import { INFRA_NAMESPACE, labels, type KubeObject } from '@samband/resources';
import { z } from 'zod';
import type { Clock, Kubernetes } from '../ports.js';
import { journalKind, trustTime } from './journal.js';

/** A journal that was not written for so long has lost its writer, ms. */
const abandonedTime = 2 * trustTime;

const journalSchema = z.object({ data: z.object({ sources: z.string() }) });
const entriesSchema = z.array(z.string());

interface Seen {
  readonly resourceVersion: string | undefined;
  /** By the clock that nobody sets, ms. */
  readonly at: number;
  isTaken: boolean;
}

/**
 * Journals that other processes of the api wrote. One that is seen for the first time may have been left by whoever
 * was killed a moment ago; one that is not written any more is taken over and removed.
 */
export class LeftJournals {
  readonly #kubernetes: Kubernetes;
  readonly #clock: Clock;
  readonly #own: string;
  readonly #seen = new Map<string, Seen>();

  constructor(kubernetes: Kubernetes, clock: Clock, own: string) {
    this.#kubernetes = kubernetes;
    this.#clock = clock;
    this.#own = own;
  }

  /**
   * @param take is given the entries of a journal whose writer may be gone, perhaps more than once
   * @param isDone whether Temporal has taken everything that was given
   */
  async tend(take: (entries: string[]) => void, isDone: (entries: string[]) => boolean): Promise<void> {
    const { items } = await this.#kubernetes.list(journalKind, {
      namespace: INFRA_NAMESPACE,
      labelSelector: labels.inbox,
    });
    const others = items.filter(({ metadata }) => metadata.name !== this.#own);
    const names = new Set(others.map(({ metadata }) => metadata.name));
    for (const name of this.#seen.keys()) if (!names.has(name)) this.#seen.delete(name);
    for (const journal of others) await this.#tendOne(journal, take, isDone);
  }

  async #tendOne(
    journal: KubeObject,
    take: (entries: string[]) => void,
    isDone: (entries: string[]) => boolean,
  ): Promise<void> {
    const { name, resourceVersion, uid = '' } = journal.metadata;
    const now = this.#clock.monotonic();
    const known = this.#seen.get(name);
    if (known === undefined || known.resourceVersion !== resourceVersion) {
      this.#seen.set(name, { resourceVersion, at: now, isTaken: false });
      if (known === undefined) take(entriesOf(journal));
      return;
    }
    if (now < known.at + abandonedTime) return;
    // Its writer may have answered for what it held up to the end: an earlier signal may have been too early.
    if (!known.isTaken) take(entriesOf(journal));
    else if (isDone(entriesOf(journal))) {
      await this.#kubernetes.delete(
        { ...journalKind, namespace: INFRA_NAMESPACE, name },
        { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      );
    }
    known.isTaken = true;
  }
}

function entriesOf(journal: KubeObject): string[] {
  const parsed = journalSchema.safeParse(journal);
  if (!parsed.success) return [];
  try {
    const entries = entriesSchema.safeParse(JSON.parse(parsed.data.data.sources));
    return entries.success ? entries.data : [];
  } catch {
    return [];
  }
}
