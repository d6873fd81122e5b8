import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Proof } from './provider.js';

const blind = randomBytes(32);

/**
 * Whether two values are equal, in a time that tells neither where they differ nor how long the secret one is:
 * what is compared are MACs of both under a key of this process.
 */
export function equalInConstantTime(left: Buffer | string, right: Buffer | string): boolean {
  return timingSafeEqual(mac(left), mac(right));
}

/**
 * HMAC-SHA256 of `prefix` and the body.
 * @param isGiven whether the digest is the one that the request carries
 */
export function hmacProof(key: Buffer, prefix: string, isGiven: (digest: Buffer) => boolean): Proof {
  const hmac = createHmac('sha256', key).update(prefix);
  return {
    update: (chunk) => {
      hmac.update(chunk);
    },
    holds: () => isGiven(hmac.digest()),
  };
}

function mac(value: Buffer | string): Buffer {
  return createHmac('sha256', blind).update(value).digest();
}
