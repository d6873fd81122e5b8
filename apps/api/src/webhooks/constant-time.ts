import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const blind = randomBytes(32);

/**
 * Whether two values are equal, in a time that tells neither where they differ nor how long the secret one is:
 * what is compared are MACs of both under a key of this process.
 */
export function equalInConstantTime(left: Buffer | string, right: Buffer | string): boolean {
  return timingSafeEqual(mac(left), mac(right));
}

export function hmacSha256(key: Buffer, ...parts: (Buffer | string)[]): Buffer {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

function mac(value: Buffer | string): Buffer {
  return createHmac('sha256', blind).update(value).digest();
}
