import { placeWithinKind, type Placed } from '@samband/gitops';

/**
 * Consecutive entries of one kind that need nothing of each other: the planner has put them in the order of applying or
 * removing.
 */
export function inTiers<T extends Placed>(entries: readonly T[]): T[][] {
  const tiers: T[][] = [];
  for (const entry of entries) {
    const last = tiers.at(-1);
    const [first] = last ?? [];
    const isSame = first?.ref.kind === entry.ref.kind && placeWithinKind(first) === placeWithinKind(entry);
    if (last !== undefined && isSame) last.push(entry);
    else tiers.push([entry]);
  }
  return tiers;
}

/** Objects written at once, where they are not written in bulk. */
const batchSize = 32;

export function inBatches<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / batchSize) }, (_, index) =>
    items.slice(index * batchSize, (index + 1) * batchSize),
  );
}
