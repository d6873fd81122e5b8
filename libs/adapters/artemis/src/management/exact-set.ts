import type { BulkProgress, ExactOptions } from '@samband/topology';
import { digestOf, type Ledger } from './ledger.js';
import type { ManagementPool } from './pool.js';

export interface ExactSetOptions {
  readonly pool: ManagementPool;
  readonly ledger: Ledger;
  readonly write: (match: string, value: string) => Promise<void>;
  readonly remove: (match: string) => Promise<void>;
  /** Whether the broker goes by this value at this match, which has no wildcards. */
  readonly holds: (match: string, value: string) => Promise<boolean>;
}

/** Makes the matches of a broker exactly what is wanted, and writes no more than what differs. */
export interface ExactSet {
  /** @param desired match → what it carries, in the broker's own JSON */
  apply(
    desired: ReadonlyMap<string, string>,
    options?: ExactOptions,
  ): Promise<{ written: number; removed: number }>;
}

type Entry = readonly [match: string, value: string];

const isWide = ([match]: Entry): boolean => /[#+]/.test(match);

/** A second writing spares repetition after a restart; with a large ledger and few changes it costs more. */
const isWorthSecondWriting = (changes: number, entries: number): boolean => changes >= 200 || entries < 2000;

/**
 * The ledger is written before anything else: it names every match that may be there when this process dies half-way,
 * changed ones as "not known". Memory of the ledger is dropped on any failure and read again.
 */
export function createExactSet({ pool, ledger, write, remove, holds }: ExactSetOptions): ExactSet {
  let known: Map<string, string> | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  /**
   * Narrow ones before wide ones: at no moment does an address get a right, from a wider match, that neither the old nor
   * the new state gives it.
   */
  const writeAll = async (
    entries: readonly Entry[],
    progress: BulkProgress,
    writeNarrow: (entry: Entry) => Promise<void> = ([match, value]) => write(match, value),
  ): Promise<void> => {
    await pool.forEach(
      entries.filter((entry) => !isWide(entry)),
      writeNarrow,
      progress,
    );
    await pool.forEach(entries.filter(isWide), ([match, value]) => write(match, value));
  };

  /** Those with wildcards are written without asking: a match that lies within one would answer for it. */
  const mend = async (entries: readonly Entry[], progress: BulkProgress): Promise<number> => {
    let mended = 0;
    await writeAll(entries, progress, async ([match, value]) => {
      if (await holds(match, value)) return;
      await write(match, value);
      mended += 1;
    });
    return mended;
  };

  const apply: ExactSet['apply'] = async (desired, { verify = false, ...progress } = {}) => {
    const before = known ?? (await ledger.read());
    known = undefined;
    const digests = new Map([...desired].map(([match, value]) => [match, digestOf(value)]));
    const isWritten = ([match]: Entry): boolean => before.get(match) === digests.get(match);
    const toWrite = [...desired].filter((entry) => !isWritten(entry));
    const toRemove = [...before.keys()].filter((match) => !desired.has(match));
    if (toWrite.length + toRemove.length > 0) {
      const during = new Map(before);
      for (const [match] of toWrite) during.set(match, '');
      for (const match of toRemove) during.set(match, '');
      await ledger.write(during);
      await writeAll(toWrite, progress);
      // Last, for the same reason.
      await pool.forEach(toRemove, (match) => remove(match));
      if (isWorthSecondWriting(toWrite.length + toRemove.length, desired.size)) await ledger.write(digests);
    }
    const mended = verify ? await mend([...desired].filter(isWritten), progress) : 0;
    known = digests;
    return { written: toWrite.length + mended, removed: toRemove.length };
  };

  return {
    // One at a time: two at once would each believe in a ledger that the other replaces.
    apply: (desired, options) => {
      const result = queue.then(() => apply(desired, options));
      queue = result.catch(() => undefined);
      return result;
    },
  };
}
