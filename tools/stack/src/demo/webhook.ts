import { createHmac, randomUUID } from 'node:crypto';
import type { Push, Repository } from './repository.js';

/**
 * Posts a push as GitHub posts it: JSON body, event and delivery in headers, and the hex HMAC-SHA256 of the raw
 * body in `X-Hub-Signature-256` (GitHub docs: "Validating webhook deliveries", "Webhook events and payloads").
 *
 * @throws unless the answer is 202
 */
export async function postPush(
  url: string,
  secret: string,
  repository: Repository,
  push: Push,
): Promise<void> {
  const commit = {
    id: push.after,
    message: push.message,
    timestamp: new Date().toISOString(),
    author: { name: 'Samband demo', email: 'demo@samband.dev' },
  };
  const body = JSON.stringify({
    ref: `refs/heads/${repository.branch}`,
    before: push.before,
    after: push.after,
    created: /^0+$/.test(push.before),
    deleted: false,
    forced: false,
    repository: {
      full_name: 'demo/repository',
      clone_url: repository.url,
      default_branch: repository.branch,
    },
    pusher: commit.author,
    head_commit: commit,
    commits: [commit],
  });
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/044aadd',
      'x-github-event': 'push',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${sign(body, secret)}`,
    },
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`POST ${url}: answered ${response.status} ${text}`);
}

export function sign(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}
