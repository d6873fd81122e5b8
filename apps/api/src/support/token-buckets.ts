export type Admission =
  { readonly admitted: true } | { readonly admitted: false; readonly retryAfterSeconds: number };

export interface TokenBucketOptions {
  readonly perMinute: number;
  readonly burst: number;
  /** Keys that are remembered at most; the one unused for longest is forgotten, which is as if it were full. */
  readonly limit: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Lets `burst` through at once and `perMinute` in the long run, per key, in bounded memory. */
export class TokenBuckets {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  readonly #options: TokenBucketOptions;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#buckets.size;
  }

  take(key: string): Admission {
    const { perMinute, burst, limit, now } = this.#options;
    const at = now();
    const perMs = perMinute / 60_000;
    const last = this.#buckets.get(key) ?? { tokens: burst, at };
    const tokens = Math.min(burst, last.tokens + (at - last.at) * perMs);
    const admitted = tokens >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: admitted ? tokens - 1 : tokens, at });
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= limit) break;
      this.#buckets.delete(oldest);
    }
    if (admitted) return { admitted };
    return { admitted, retryAfterSeconds: Math.max(1, Math.ceil((1 - tokens) / perMs / 1000)) };
  }
}
