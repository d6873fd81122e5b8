import { withoutLineEnd } from '@samband/resources';
import { z } from 'zod';
import type { Clock, Kubernetes } from '../ports.js';
import { CachedLookup } from '../support/cached-lookup.js';

/** How long a Secret is remembered, and how soon it may be looked at again when a signature does not fit. */
const ages = { known: 5000, missing: 1000, retry: 1000 };
const cacheLimit = 10_000;

const secretSchema = z.object({ data: z.record(z.string(), z.string()).optional() });

/** The webhook secrets of sources: the values of the keys `secret` and `previous` of a Secret. */
export class WebhookSecrets {
  readonly #kubernetes: Kubernetes;
  readonly #cache: CachedLookup<readonly Buffer[]>;

  constructor(kubernetes: Kubernetes, clock: Clock) {
    this.#kubernetes = kubernetes;
    this.#cache = new CachedLookup({
      limit: cacheLimit,
      now: () => clock.monotonic(),
      lifetime: (secrets) => (secrets.length === 0 ? ages.missing : ages.known),
    });
  }

  /** At most two; none when the Secret or its keys are not there. */
  get(namespace: string, name: string): Promise<readonly Buffer[]> {
    return this.#cache.get(`${namespace}/${name}`, () => this.#load(namespace, name));
  }

  /** The same, newer than a second: a secret that was just changed counts at once. */
  getFresh(namespace: string, name: string): Promise<readonly Buffer[]> {
    return this.#cache.refresh(`${namespace}/${name}`, ages.retry, () => this.#load(namespace, name));
  }

  async #load(namespace: string, name: string): Promise<readonly Buffer[]> {
    const object = await this.#kubernetes.get({ apiVersion: 'v1', kind: 'Secret', namespace, name });
    const parsed = secretSchema.safeParse(object);
    const data = parsed.success ? (parsed.data.data ?? {}) : {};
    return ['secret', 'previous']
      .map((key) => (Object.hasOwn(data, key) ? decode(data[key] ?? '') : ''))
      .filter((text) => text !== '')
      .map((text) => Buffer.from(text, 'latin1'));
  }
}

function decode(base64: string): string {
  return withoutLineEnd(Buffer.from(base64, 'base64').toString('latin1'));
}
