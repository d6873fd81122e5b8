/**
 * Epoch ms by a clock that nobody sets: it starts from where the wall clock stood when this process did, and goes
 * on from there whatever becomes of that.
 */
export function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}
