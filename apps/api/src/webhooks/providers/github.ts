import type { IncomingHttpHeaders } from 'node:http';
import { equalInConstantTime, hmacProof } from '../constant-time.js';
import { parseJson, readPush } from '../payload.js';
import { header, type WebhookProvider } from '../provider.js';

const form = 'application/x-www-form-urlencoded';

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
export const github: WebhookProvider = {
  mediaTypes: ['application/json', form],
  prove: (headers, secret) =>
    hmacProof(secret, '', (digest) =>
      equalInConstantTime(`sha256=${digest.toString('hex')}`, header(headers, 'x-hub-signature-256') ?? ''),
    ),
  deliveryId: (headers) => header(headers, 'x-github-delivery'),
  read: ({ headers, body }) => {
    if (header(headers, 'x-github-event') !== 'push') return { kind: 'other' };
    return body === undefined ? { kind: 'push' } : readPush(parseJson(payloadOf(headers, body)));
  },
};

/** GitHub's form mode puts the JSON into the field `payload`; the signature is over the form itself. */
function payloadOf(headers: IncomingHttpHeaders, body: Buffer): Buffer {
  if (header(headers, 'content-type')?.toLowerCase().startsWith(form) !== true) return body;
  return Buffer.from(new URLSearchParams(body.toString('latin1')).get('payload') ?? '');
}
