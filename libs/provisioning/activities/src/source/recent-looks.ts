import { gitSourceSettings, type GitSource } from '@samband/resources';

/** A head that was seen, and what had been asked for when the look began. */
interface Seen {
  readonly generation: number | undefined;
  readonly requestedAt: string | undefined;
  readonly commit: string;
  /** By the clock that nobody sets, ms. */
  readonly at: number;
}

export interface RecentLook {
  readonly commit: string;
  /** Until the next one by the source's interval; at least 1. */
  readonly dueInSeconds: number;
}

/**
 * Heads that this worker saw. A source's workflow is told of much that a look at the repository adds nothing to (its
 * own rollout has ended; the same push, told by two): git is asked again only when the source changed, somebody asked,
 * or the interval has passed. Kept in memory alone: whoever does not know looks.
 */
export class RecentLooks {
  private readonly seen = new Map<string, Seen>();

  /** @param limit sources that are remembered, those looked at last */
  constructor(private readonly limit = 10_000) {}

  /** @param now by the clock that nobody sets, ms */
  find(source: GitSource, requestedAt: string | undefined, now: number): RecentLook | undefined {
    const seen = this.seen.get(idOf(source));
    if (seen === undefined) return undefined;
    if (seen.generation !== source.metadata.generation || seen.requestedAt !== requestedAt) return undefined;
    const dueIn = seen.at + gitSourceSettings(source.spec).intervalMs - now;
    return dueIn > 0 ? { commit: seen.commit, dueInSeconds: Math.ceil(dueIn / 1_000) } : undefined;
  }

  /** @param at when the look began */
  remember(source: GitSource, requestedAt: string | undefined, commit: string, at: number): void {
    const key = idOf(source);
    this.seen.delete(key);
    this.seen.set(key, { generation: source.metadata.generation, requestedAt, commit, at });
    const [oldest] = this.seen.keys();
    if (this.seen.size > this.limit && oldest !== undefined) this.seen.delete(oldest);
  }
}

/** One that is deleted and made again is another source. */
function idOf({ metadata }: GitSource): string {
  return metadata.uid ?? `${metadata.namespace ?? ''}/${metadata.name}`;
}
