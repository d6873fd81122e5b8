import { describe, expect, it } from '@jest/globals';
import { errorCode } from '@samband/errors';
import fc from 'fast-check';
import type { WebhookEvent, WebhookRequest } from './provider.js';
import { providers } from './providers/index.js';

const pushHeaders = {
  'content-type': 'application/json',
  'x-github-event': 'push',
  'x-gitlab-event': 'Push Hook',
};
const names = Object.keys(providers) as (keyof typeof providers)[];

/** What a provider makes of a body: an event, or the code it fails with. */
function read(provider: keyof typeof providers, body: Buffer): WebhookEvent | string | undefined {
  const request: WebhookRequest = { headers: pushHeaders, body };
  try {
    return providers[provider].read(request);
  } catch (error) {
    return errorCode(error);
  }
}

describe.each(names)('%s reads', (provider) => {
  const isSane = (result: WebhookEvent | string | undefined): boolean =>
    result === 'BAD_REQUEST' || (typeof result === 'object' && ['push', 'other'].includes(result.kind));

  it('any JSON as an event or as a bad request', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => isSane(read(provider, Buffer.from(JSON.stringify(json))))),
    );
  });

  it('any bytes as an event or as a bad request', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => isSane(read(provider, Buffer.from(bytes)))),
    );
  });

  it('a push with anything in place of any of its fields', () => {
    const hostile = fc.oneof(fc.jsonValue(), fc.constant({ toString: null }), fc.constant([null]));
    const push = fc.dictionary(
      fc.constantFrom(
        'ref',
        'after',
        'commit',
        'commits',
        'changes',
        'links',
        '__proto__',
        'constructor',
        'deleted',
      ),
      hostile,
    );
    fc.assert(fc.property(push, (json) => isSane(read(provider, Buffer.from(JSON.stringify(json))))));
  });

  it('no address out of a payload', () => {
    const body = {
      ref: 'refs/heads/main',
      after: 'a'.repeat(40),
      repository: { clone_url: 'file:///etc/passwd', url: 'http://169.254.169.254/' },
    };
    expect(JSON.stringify(read(provider, Buffer.from(JSON.stringify(body))))).not.toMatch(/file|169/);
  });

  it('brackets inside strings as text, and nesting to the limit', () => {
    const nested = (depth: number): Buffer =>
      Buffer.from(`{"ref":"refs/heads/main","x":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    const text = JSON.stringify({ ref: 'refs/heads/main', x: '[{"\\'.repeat(5000) });
    expect(read(provider, Buffer.from(text))).toMatchObject({ kind: 'push' });
    expect(read(provider, nested(63))).toMatchObject({ kind: 'push' });
    expect(read(provider, nested(64))).toBe('BAD_REQUEST');
  });
});

it('a constructor or prototype in a payload changes no other object', () => {
  const body =
    '{"ref":"refs/heads/main","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  for (const provider of names) read(provider, Buffer.from(body));
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
