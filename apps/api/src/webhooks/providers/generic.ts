import { z } from 'zod';
import { equalInConstantTime, hmacProof } from '../constant-time.js';
import { asCommit, parseJson, parsePayload } from '../payload.js';
import { header, type WebhookProvider } from '../provider.js';

const hint = z.object({ ref: z.string().min(1).max(1024).optional(), commit: z.unknown().optional() });

/** Ours, for any script: an HMAC of the body, and a body that may say which ref was pushed. */
export const generic: WebhookProvider = {
  mediaTypes: ['application/json'],
  prove: (headers, secret) =>
    hmacProof(secret, '', (digest) =>
      equalInConstantTime(`sha256=${digest.toString('hex')}`, header(headers, 'x-samband-signature') ?? ''),
    ),
  deliveryId: (headers) => header(headers, 'x-samband-delivery'),
  read: ({ body }) => {
    if (body === undefined || body.length === 0) return { kind: 'push' };
    const { ref, commit: given } = parsePayload(hint, parseJson(body));
    const commit = asCommit(given);
    return {
      kind: 'push',
      ...(ref === undefined ? {} : { ref: ref.startsWith('refs/') ? ref : `refs/heads/${ref}` }),
      ...(commit === undefined ? {} : { commit }),
    };
  },
};
