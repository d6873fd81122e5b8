/**
 * Which security match Artemis takes for an address: a single one, nothing is merged. Mirrors
 * `HierarchicalObjectRepository` of 2.56.0: an exact match first, then those without `#`, the longer of two
 * with `#`; of two with `+` only, the one whose `+` comes later.
 *
 * @returns negative when `a` is taken before `b`; 0 when the broker's choice is not defined
 */
export function compareMatches(a: string, b: string): number {
  const hash = Number(a.includes('#')) - Number(b.includes('#'));
  if (hash !== 0) return hash;
  if (a.includes('#')) return b.length - a.length;
  const plus = Number(a.includes('+')) - Number(b.includes('+'));
  if (plus !== 0) return plus;
  const left = a.split('/');
  const right = b.split('/');
  for (const [index, word] of left.entries()) {
    const single = Number(word === '+') - Number(right[index] === '+');
    if (single !== 0) return single;
  }
  return 0;
}

/** Every match that the broker may take out of those that fit an address. */
export function firstMatches<T extends { readonly match: string }>(fitting: readonly T[]): T[] {
  let first: T[] = [];
  for (const candidate of fitting) {
    const order = first[0] === undefined ? 0 : compareMatches(candidate.match, first[0].match);
    if (order < 0) first = [candidate];
    else if (order === 0) first.push(candidate);
  }
  return first;
}
