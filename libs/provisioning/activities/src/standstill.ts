const lookMs = 1_000;
/** A process that did not come to its own look for so long stood still. */
const stillMs = 5_000;
/** How long what was handed over meanwhile may take to arrive here. */
const settleMs = 10_000;

/**
 * Knows when this process stood still (was stopped, swapped out, asleep). The engine goes on handing work to its open
 * polls meanwhile, and gives that work to others when its time is up: what arrives right afterwards looks new, and may
 * be somebody else's long since.
 */
export class Standstill {
  private last = performance.now();
  private until = Number.NEGATIVE_INFINITY;

  constructor() {
    setInterval(() => {
      this.look();
    }, lookMs).unref();
  }

  /** Milliseconds until what arrives is new for certain; 0 while nothing is amiss. */
  restMs(): number {
    this.look();
    return Math.max(0, Math.ceil(this.until - performance.now()));
  }

  private look(): void {
    const now = performance.now();
    if (now - this.last > stillMs) this.until = now + settleMs;
    this.last = now;
  }
}
