import { createHmac, randomUUID } from 'node:crypto';
import type { Push, Repository } from './repository.js';

export interface Delivery {
  readonly status: number;
  readonly body: string;
}

export interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
}

export interface SignedPush {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A push as GitHub posts it: JSON, event and delivery in headers, and the hex HMAC-SHA256 of the raw body in
 * `X-Hub-Signature-256` (GitHub docs: "Validating webhook deliveries", "Webhook events and payloads").
 */
export function signedPush(secret: string, repository: Repository, push: Push): SignedPush {
  const author = { name: 'Ada', email: 'ada@example.com', username: 'ada' };
  const commit = {
    id: push.after,
    tree_id: push.after,
    distinct: true,
    message: push.message,
    timestamp: new Date().toISOString(),
    author,
    committer: author,
    added: [],
    removed: [],
    modified: [],
  };
  const body = JSON.stringify({
    ref: `refs/heads/${repository.branch}`,
    before: push.before,
    after: push.after,
    created: /^0+$/.test(push.before),
    deleted: false,
    forced: push.forced,
    compare: 'https://github.example.com/team/messaging/compare',
    repository: {
      id: 1,
      full_name: 'team/messaging',
      private: true,
      clone_url: repository.url,
      default_branch: repository.branch,
    },
    pusher: author,
    sender: { login: 'ada', id: 1, type: 'User' },
    head_commit: commit,
    commits: [commit],
  });
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/044aadd',
      'x-github-event': 'push',
      'x-github-delivery': randomUUID(),
      'x-github-hook-id': '1',
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
  };
}

export async function postPush(
  { url, secret }: WebhookTarget,
  repository: Repository,
  push: Push,
): Promise<Delivery> {
  const response = await fetch(url, {
    method: 'POST',
    ...signedPush(secret, repository, push),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, body: await response.text() };
}
