import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { providers } from './index.js';

const verify =
  (provider: keyof typeof providers) =>
  ({ headers, body }: ReturnType<typeof request>, secret: Buffer, now: number): boolean => {
    const proof = providers[provider].prove(headers, secret, now);
    // In pieces, as a body comes.
    for (let at = 0; at < body.length; at += 3) proof.update(body.subarray(at, at + 3));
    return proof.holds();
  };
const request = (headers: IncomingHttpHeaders, text: string) => ({ headers, body: Buffer.from(text) });
const json = { 'content-type': 'application/json' };

describe('github', () => {
  // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
  const secret = Buffer.from("It's a Secret to Everybody");
  const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';

  it('knows the signature of GitHub’s own example', () => {
    const isSigned = verify('github');
    expect(isSigned(request({ 'x-hub-signature-256': signature }, 'Hello, World!'), secret, 0)).toBe(true);
    expect(isSigned(request({ 'x-hub-signature-256': signature }, 'Hello, World?'), secret, 0)).toBe(false);
    expect(isSigned(request({}, 'Hello, World!'), secret, 0)).toBe(false);
  });

  it('reads ref and commit of a push', () => {
    const headers = { ...json, 'x-github-event': 'push' };
    const commit = 'a'.repeat(40);
    expect(
      providers.github.read(request(headers, JSON.stringify({ ref: 'refs/heads/x', after: commit }))),
    ).toEqual({
      kind: 'push',
      ref: 'refs/heads/x',
      commit,
    });
  });

  it('reads no commit of a deletion, nor of what is no full id', () => {
    const headers = { ...json, 'x-github-event': 'push' };
    for (const after of ['0'.repeat(40), 'HEAD', 'A'.repeat(40), 7, null, undefined]) {
      expect(providers.github.read(request(headers, JSON.stringify({ ref: 'r', after })))).toEqual({
        kind: 'push',
        ref: 'r',
      });
    }
  });
});

describe('gitlab', () => {
  // The example of the Standard Webhooks specification.
  const secret = Buffer.from('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  const now = 1614265330;
  const body = '{"test": 2432232314}';
  const signed = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': String(now),
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  const isSigned = verify('gitlab');

  it('compares the secret token', () => {
    const token = Buffer.from('let me in');
    expect(isSigned(request({ 'x-gitlab-token': 'let me in' }, body), token, now)).toBe(true);
    for (const wrong of ['let me i', 'let me in ', 'LET ME IN', '']) {
      expect(isSigned(request({ 'x-gitlab-token': wrong }, body), token, now)).toBe(false);
    }
    expect(isSigned(request({}, body), token, now)).toBe(false);
  });

  it('knows the signature of the specification’s example, alone or among others', () => {
    expect(isSigned(request(signed, body), secret, now)).toBe(true);
    const several = { ...signed, 'webhook-signature': `v1a,x v1,AAAA ${signed['webhook-signature']}` };
    expect(isSigned(request(several, body), secret, now)).toBe(true);
  });

  it.each([
    ['another body', signed, `${body} `, now],
    ['another id', { ...signed, 'webhook-id': 'msg_2' }, body, now],
    ['another time', { ...signed, 'webhook-timestamp': String(now + 1) }, body, now],
    ['a time ten minutes ago', signed, body, now + 600],
    ['a time ten minutes ahead', signed, body, now - 600],
    ['a time that is no number', { ...signed, 'webhook-timestamp': '1e9' }, body, now],
    ['no id', { ...signed, 'webhook-id': undefined }, body, now],
    [
      'another version',
      { ...signed, 'webhook-signature': signed['webhook-signature'].replace('v1', 'v2') },
      body,
      now,
    ],
    ['an empty signature', { ...signed, 'webhook-signature': '' }, body, now],
  ])('refuses a signature with %s', (_what, headers, text, at) => {
    expect(isSigned(request(headers, text), secret, at)).toBe(false);
  });

  it('holds whoever signs to the signature, even with the right token', () => {
    const both = { ...signed, 'webhook-signature': 'v1,AAAA', 'x-gitlab-token': secret.toString() };
    expect(isSigned(request(both, body), secret, now)).toBe(false);
  });

  it('refuses a signing token without a key', () => {
    // HMAC under an empty key is something that anybody can compute.
    expect(isSigned(request(signed, body), Buffer.from('whsec_'), now)).toBe(false);
  });

  it('follows push events only', () => {
    const push = JSON.stringify({ ref: 'refs/heads/main', after: 'b'.repeat(40) });
    expect(providers.gitlab.read(request({ ...json, 'x-gitlab-event': 'Push Hook' }, push))).toMatchObject({
      kind: 'push',
    });
    expect(providers.gitlab.read(request({ ...json, 'x-gitlab-event': 'Tag Push Hook' }, push))).toEqual({
      kind: 'other',
    });
  });

  it('follows pushes of system hooks, and nothing else that these tell of', () => {
    const headers = { ...json, 'x-gitlab-event': 'System Hook' };
    const commit = 'b'.repeat(40);
    const event = (event_name?: string) =>
      JSON.stringify({ event_name, ref: 'refs/heads/main', after: commit });
    expect(providers.gitlab.read(request(headers, event('push')))).toEqual({
      kind: 'push',
      ref: 'refs/heads/main',
      commit,
    });
    for (const other of ['tag_push', 'repository_update', 'project_create', undefined])
      expect(providers.gitlab.read(request(headers, event(other)))).toEqual({ kind: 'other' });
  });

  it('names a delivery by what is the same when it is sent again', () => {
    expect(providers.gitlab.deliveryId({ 'idempotency-key': 'k', 'x-gitlab-event-uuid': 'u' })).toBe('k');
    expect(providers.gitlab.deliveryId({ 'x-gitlab-event-uuid': 'u' })).toBe('u');
  });
});

describe('generic', () => {
  const secret = Buffer.from('samband');

  it.each([
    // printf %s <body> | openssl dgst -sha256 -hmac samband
    ['{"ref":"main"}', '19d225005bcc57b905b9515be094c1f6c0594960fdf6fefc6d0e3d0e9f15ac0c'],
    ['', '3495459e5f4551249ed9e4c32954d8771ed6f15702314ee946ec5f4c8d796de2'],
  ])('knows what openssl signs: %s', (body, digest) => {
    expect(verify('generic')(request({ 'x-samband-signature': `sha256=${digest}` }, body), secret, 0)).toBe(
      true,
    );
    expect(verify('generic')(request({ 'x-samband-signature': digest }, body), secret, 0)).toBe(false);
  });

  it('takes a branch, a full ref, or nothing at all', () => {
    const { read } = providers.generic;
    expect(read(request(json, '{"ref":"main"}'))).toEqual({ kind: 'push', ref: 'refs/heads/main' });
    expect(read(request(json, '{"ref":"refs/tags/main"}'))).toEqual({ kind: 'push', ref: 'refs/tags/main' });
    expect(read(request(json, '{}'))).toEqual({ kind: 'push' });
    expect(read(request({}, ''))).toEqual({ kind: 'push' });
  });
});

describe('a body that is longer than what is kept', () => {
  const read = (provider: keyof typeof providers, headers: IncomingHttpHeaders): unknown =>
    providers[provider].read({ headers, body: undefined });

  it.each([
    ['github', { 'x-github-event': 'push' }],
    ['gitlab', { 'x-gitlab-event': 'Push Hook' }],
    ['gitlab', { 'x-gitlab-event': 'System Hook' }],
    ['generic', {}],
  ] as const)('of %s with %o is a push of any branch', (provider, headers) => {
    expect(read(provider, headers)).toEqual({ kind: 'push' });
  });

  it.each([
    ['github', { 'x-github-event': 'issues' }],
    ['gitlab', { 'x-gitlab-event': 'Issue Hook' }],
  ] as const)('of %s with %o is still no push', (provider, headers) => {
    expect(read(provider, headers)).toEqual({ kind: 'other' });
  });
});
