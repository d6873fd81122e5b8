import { createHash } from 'node:crypto';
import { SambandError } from '@samband/errors';
import type { Clock, Kubernetes } from '../ports.js';
import { CachedLookup } from '../support/cached-lookup.js';

/** Who a request is from. */
export interface Identity {
  readonly username: string;
  readonly groups: readonly string[];
}

const lifetimes = { valid: 10_000, invalid: 2000 };
const limits = { cached: 2000, tokenLength: 8192, reviews: 32 };

/** TokenReviews with a short memory. Tokens are remembered by digest only. */
export class Tokens {
  readonly #kubernetes: Kubernetes;
  readonly #cache: CachedLookup<Identity | undefined>;
  #reviews = 0;

  constructor(kubernetes: Kubernetes, clock: Clock) {
    this.#kubernetes = kubernetes;
    this.#cache = new CachedLookup({
      limit: limits.cached,
      now: () => clock.monotonic(),
      lifetime: (identity) => (identity === undefined ? lifetimes.invalid : lifetimes.valid),
    });
  }

  /**
   * @param authorization value of the header
   * @throws UNAUTHENTICATED, the same whatever is wrong; TOO_MANY_REQUESTS; KUBERNETES_UNAVAILABLE
   */
  async identify(authorization: string | undefined): Promise<Identity> {
    const token = /^Bearer +([\w.~+/-]+=*)$/iu.exec(authorization ?? '')?.[1];
    if (token === undefined || token.length > limits.tokenLength) throw unauthenticated();
    const digest = createHash('sha256').update(token).digest('base64');
    const identity = await this.#cache.get(digest, () => this.#review(token));
    if (identity === undefined) throw unauthenticated();
    return identity;
  }

  async #review(token: string): Promise<Identity | undefined> {
    // A flood of made-up tokens must not become a flood at the Kubernetes API.
    if (this.#reviews >= limits.reviews) {
      throw new SambandError('TOO_MANY_REQUESTS', 'Too many logins at once; try again.', {
        facts: { retryAfterSeconds: 1 },
      });
    }
    this.#reviews += 1;
    try {
      const user = await this.#kubernetes.reviewToken(token);
      // Some authenticators leave claims empty; an empty name would be the api's own rights elsewhere.
      return user === undefined || user.username.trim() === '' ? undefined : user;
    } finally {
      this.#reviews -= 1;
    }
  }
}

function unauthenticated(): SambandError {
  return new SambandError('UNAUTHENTICATED', 'A valid bearer token is required.');
}
