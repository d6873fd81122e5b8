/** Whoever had a request a moment ago is about to have the next. */
const courtesyMs = 200;

/** Who else talks to the API server through the same store. */
export class Traffic {
  private ofBulks = 0;
  private ofAll = 0;
  /** When the last request of others was seen to be on its way. */
  private othersAt = -Infinity;

  /** @param now by the clock that nobody sets, ms */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether requests that belong to no bulk are, or were just now, on their way. */
  get isShared(): boolean {
    return this.hasOthers || this.now() - this.othersAt < courtesyMs;
  }

  async request<T>(work: () => Promise<T>): Promise<T> {
    this.ofAll += 1;
    try {
      return await work();
    } finally {
      if (this.hasOthers) this.othersAt = this.now();
      this.ofAll -= 1;
    }
  }

  async ofBulk<T>(work: () => Promise<T>): Promise<T> {
    this.ofBulks += 1;
    try {
      return await work();
    } finally {
      this.ofBulks -= 1;
    }
  }

  private get hasOthers(): boolean {
    return this.ofAll > this.ofBulks;
  }
}
