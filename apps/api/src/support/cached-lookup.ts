interface Entry<V> {
  readonly value: Promise<V>;
  readonly startedAt: number;
  /** Infinite while the lookup runs. */
  expiresAt: number;
}

export interface CachedLookupOptions<V> {
  /** Entries that are kept at most; the oldest goes first. */
  readonly limit: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** How long a value may be used, in ms. */
  readonly lifetime: (value: V) => number;
}

/** Remembers answers for a short time, in bounded memory; one lookup per key at a time; failures are not kept. */
export class CachedLookup<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #options: CachedLookupOptions<V>;

  constructor(options: CachedLookupOptions<V>) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string, load: () => Promise<V>): Promise<V> {
    const entry = this.#entries.get(key);
    if (entry !== undefined && this.#options.now() < entry.expiresAt) return entry.value;
    return this.#load(key, load);
  }

  /** Looks again, unless what is known was asked for less than `minAge` ms ago. */
  refresh(key: string, minAge: number, load: () => Promise<V>): Promise<V> {
    const entry = this.#entries.get(key);
    if (entry !== undefined && this.#options.now() - entry.startedAt < minAge) return entry.value;
    return this.#load(key, load);
  }

  #load(key: string, load: () => Promise<V>): Promise<V> {
    const { limit, now, lifetime } = this.#options;
    const entry: Entry<V> = { value: load(), startedAt: now(), expiresAt: Infinity };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= limit) break;
      this.#entries.delete(oldest);
    }
    entry.value.then(
      (value) => {
        entry.expiresAt = now() + lifetime(value);
      },
      () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      },
    );
    return entry.value;
  }
}
