import type { ExactOptions } from '@samband/topology';
import { isSame } from './field-tree.js';

/** Matches of a broker that are kept exactly as wanted, by what was written unless that is to be verified. */
export class ExactMatches<T> {
  /** What the broker goes by. */
  readonly held = new Map<string, T>();
  private written: ReadonlyMap<string, T> = new Map();

  apply(
    wanted: ReadonlyMap<string, T>,
    { verify = false }: ExactOptions = {},
  ): { written: number; removed: number } {
    const differing = [...wanted].filter(
      ([match, value]) =>
        !isSame(this.written.get(match), value) || (verify && !isSame(this.held.get(match), value)),
    );
    const removed = [...this.written.keys()].filter((match) => !wanted.has(match));
    for (const match of removed) this.held.delete(match);
    for (const [match, value] of differing) this.held.set(match, value);
    this.written = new Map(wanted);
    return { written: differing.length, removed: removed.length };
  }
}
