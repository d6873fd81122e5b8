import { equalInConstantTime } from '../constant-time.js';
import { parseJson, readPush } from '../payload.js';
import { header, type WebhookProvider } from '../provider.js';
import { verifyStandardWebhook } from '../standard-webhooks.js';

/**
 * A secret token in clear, or a signing token (Standard Webhooks). Whoever signs is held to the signature: the
 * token alone is then not enough. https://docs.gitlab.com/user/project/integrations/webhooks/
 */
export const gitlab: WebhookProvider = {
  mediaTypes: ['application/json'],
  verify: (request, secret, now) =>
    request.headers['webhook-signature'] === undefined
      ? equalInConstantTime(secret, header(request.headers, 'x-gitlab-token') ?? '')
      : verifyStandardWebhook(request, secret, now),
  deliveryId: (headers) =>
    header(headers, 'webhook-id') ??
    header(headers, 'idempotency-key') ??
    header(headers, 'x-gitlab-event-uuid'),
  read: ({ headers, body }) =>
    header(headers, 'x-gitlab-event') === 'Push Hook' ? readPush(parseJson(body)) : { kind: 'other' },
};
