/** Consecutive entries of one kind: the planner has put them in the order of applying or removing. */
export function inTiers<T extends { readonly ref: { readonly kind: string } }>(entries: readonly T[]): T[][] {
  const tiers: T[][] = [];
  for (const entry of entries) {
    const last = tiers.at(-1);
    if (last?.[0]?.ref.kind === entry.ref.kind) last.push(entry);
    else tiers.push([entry]);
  }
  return tiers;
}
