const first = 100;
const last = 10_000;
/** A part that ran this long was healthy: its next crash is a new story. */
const healthyAfter = 30_000;

/**
 * How long to wait before a part is started again, in ms.
 *
 * @param previous the wait before its last start; 0 when that was its first
 * @param ranFor how long it ran since
 */
export function nextBackoff(previous: number, ranFor: number): number {
  if (previous === 0 || ranFor >= healthyAfter) return first;
  return Math.min(previous * 2, last);
}
