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
