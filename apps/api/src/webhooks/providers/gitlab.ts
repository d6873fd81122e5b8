import { z } from 'zod';
import { equalInConstantTime } from '../constant-time.js';
import { parseJson, parsePayload, readPush } from '../payload.js';
import { header, type WebhookProvider } from '../provider.js';
import { proveStandardWebhook } from '../standard-webhooks.js';

/** What a system hook is about is in its body only. */
const systemEvent = z.object({ event_name: z.string().max(256).optional() });

/**
 * A secret token in clear, or a signing token (Standard Webhooks). Whoever signs is held to the signature: the
 * token alone is then not enough. https://docs.gitlab.com/user/project/integrations/webhooks/
 */
export const gitlab: WebhookProvider = {
  mediaTypes: ['application/json'],
  prove: (headers, secret, now) =>
    headers['webhook-signature'] === undefined
      ? {
          update: () => undefined,
          holds: () => equalInConstantTime(secret, header(headers, 'x-gitlab-token') ?? ''),
        }
      : proveStandardWebhook(headers, secret, now),
  deliveryId: (headers) =>
    header(headers, 'webhook-id') ??
    header(headers, 'idempotency-key') ??
    header(headers, 'x-gitlab-event-uuid'),
  read: ({ headers, body }) => {
    const event = header(headers, 'x-gitlab-event');
    if (event !== 'Push Hook' && event !== 'System Hook') return { kind: 'other' };
    if (body === undefined) return { kind: 'push' };
    const payload = parseJson(body);
    const isPush = event === 'Push Hook' || parsePayload(systemEvent, payload).event_name === 'push';
    return isPush ? readPush(payload) : { kind: 'other' };
  },
};
