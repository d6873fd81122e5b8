import type { Operation } from './grant.js';
import { coversPattern, parsePattern } from './pattern.js';
import { includedIn } from './rights.js';

/** One operation at what one pattern names. */
export interface SingleRight {
  readonly operation: Operation;
  readonly pattern: string;
}

/**
 * What both grant: rights of either that one of the other includes. Rights that overlap in part only are in neither, so
 * that nobody is left with more than both grant.
 */
export function commonRights(a: readonly SingleRight[], b: readonly SingleRight[]): SingleRight[] {
  const kept = [...a.filter((right) => isIncluded(right, b)), ...b.filter((right) => isIncluded(right, a))];
  return [...new Map(kept.map((right) => [`${right.operation} ${right.pattern}`, right])).values()];
}

function isIncluded(right: SingleRight, others: readonly SingleRight[]): boolean {
  const narrow = parsePattern(right.pattern);
  if (!narrow.ok) return false;
  return others.some(({ operation, pattern }) => {
    if (!includedIn[right.operation].includes(operation)) return false;
    const wide = parsePattern(pattern);
    return wide.ok && coversPattern(wide.pattern, narrow.pattern);
  });
}
