import type { IncomingHttpHeaders } from 'node:http';
import { equalInConstantTime, hmacProof } from './constant-time.js';
import { header, type Proof } from './provider.js';

/** Seconds that the signed time may differ from ours, either way. */
const tolerance = 300;
/** A sender that rotates its secret signs twice; nobody signs more than a few times. */
const maxSignatures = 8;

/**
 * Standard Webhooks, scheme `v1`: HMAC-SHA256 over `<id>.<timestamp>.<body>`, base64, in a list separated by
 * blanks. A secret that begins with `whsec_` is base64 after that prefix.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function proveStandardWebhook(headers: IncomingHttpHeaders, secret: Buffer, now: number): Proof {
  const id = header(headers, 'webhook-id') ?? '';
  const timestamp = header(headers, 'webhook-timestamp') ?? '';
  const key = signingKey(secret);
  const given = (header(headers, 'webhook-signature') ?? '').split(' ').slice(0, maxSignatures);
  const isFresh = /^\d{1,12}$/u.test(timestamp) && Math.abs(now - Number(timestamp)) <= tolerance;
  return hmacProof(key, `${id}.${timestamp}.`, (digest) => {
    const expected = `v1,${digest.toString('base64')}`;
    const isSigned = given.map((signature) => equalInConstantTime(expected, signature)).includes(true);
    return isSigned && isFresh && id !== '' && key.length > 0;
  });
}

function signingKey(secret: Buffer): Buffer {
  const text = secret.toString('latin1');
  return text.startsWith('whsec_') ? Buffer.from(text.slice('whsec_'.length), 'base64') : secret;
}
