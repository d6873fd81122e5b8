import { equalInConstantTime, hmacSha256 } from '../constant-time.js';
import { parseJson, readPush } from '../payload.js';
import { header, type WebhookProvider, type WebhookRequest } from '../provider.js';

const form = 'application/x-www-form-urlencoded';

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
export const github: WebhookProvider = {
  mediaTypes: ['application/json', form],
  verify: ({ headers, body }, secret) =>
    equalInConstantTime(
      `sha256=${hmacSha256(secret, body).toString('hex')}`,
      header(headers, 'x-hub-signature-256') ?? '',
    ),
  deliveryId: (headers) => header(headers, 'x-github-delivery'),
  read: (request) =>
    header(request.headers, 'x-github-event') === 'push'
      ? readPush(parseJson(payloadOf(request)))
      : { kind: 'other' },
};

/** GitHub's form mode puts the JSON into the field `payload`; the signature is over the form itself. */
function payloadOf({ headers, body }: WebhookRequest): Buffer {
  if (header(headers, 'content-type')?.toLowerCase().startsWith(form) !== true) return body;
  return Buffer.from(new URLSearchParams(body.toString('latin1')).get('payload') ?? '');
}
