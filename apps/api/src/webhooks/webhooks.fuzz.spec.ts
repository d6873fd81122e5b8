import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorCode } from '@samband/errors';
import fc from 'fast-check';
import { problemModel } from '../support/models.js';
import {
  githubHeaders,
  pushOf,
  secretText,
  source,
  startWorld,
  type World,
} from '../testing/world.fixture.js';
import type { WebhookRequest } from './provider.js';
import { providers } from './providers/index.js';

const names = Object.keys(providers) as (keyof typeof providers)[];
const key = Buffer.from(secretText);

const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    '',
    [],
    {},
    [null],
    [[]],
    { toString: null },
    '\0',
    '\ud800',
    'x'.repeat(2000),
  ),
  fc.constantFrom(
    'refs/heads/main',
    'refs/heads/../heads/main',
    'refs/tags/main',
    'main',
    '0'.repeat(40),
    'a'.repeat(40),
    'A'.repeat(40),
  ),
  fc.constantFrom('http://169.254.169.254/', 'file:///etc/passwd', '-oProxyCommand=x', 'javascript:alert(1)'),
  fc.jsonValue({ maxDepth: 4 }),
);
const field = fc.constantFrom(
  ...[
    'ref',
    'after',
    'before',
    'commit',
    'commits',
    'changes',
    'refUpdates',
    'links',
    'repository',
    'deleted',
  ],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'length', ''],
);
/** Written key by key, so that keys may come twice and `__proto__` is one like any other. */
const object = fc
  .array(fc.tuple(field, hostile), { maxLength: 8 })
  .map(
    (entries) =>
      `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
  );
const nested = fc
  .tuple(fc.nat(12_000), fc.constantFrom('[', '{"a":'))
  .map(([depth, open]) => open.repeat(depth) + '1' + (open === '[' ? ']' : '}').repeat(depth));
const body = fc.oneof(
  { weight: 4, arbitrary: object.map((text) => Buffer.from(text)) },
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  nested.map((text) => Buffer.from(text)),
  object.map((text) => Buffer.from(new URLSearchParams({ payload: text }).toString())),
  fc
    .constantFrom('payload=%', 'payload=%ff', 'payload', '&&=', '', '\ufeff{}')
    .map((text) => Buffer.from(text)),
);
const headerName = fc.constantFrom(
  ...[
    'content-type',
    'x-github-event',
    'x-github-delivery',
    'x-hub-signature-256',
    'x-gitlab-event',
    'x-gitlab-token',
  ],
  ...[
    'webhook-id',
    'webhook-timestamp',
    'webhook-signature',
    'idempotency-key',
    'x-samband-signature',
    'x-samband-delivery',
  ],
);
const headerValue = fc.oneof(
  fc.constantFrom(
    'push',
    'Push Hook',
    'application/json',
    'application/json; charset=utf-16',
    'application/x-www-form-urlencoded',
  ),
  fc.constantFrom(
    '',
    ' ',
    'sha256=',
    'v1,',
    `v1,${'A'.repeat(44)}`,
    '0',
    '-1',
    '1e9',
    '99999999999999',
    'x'.repeat(8000),
  ),
  fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[^\x20-\x7e]/gu, '')),
);
const headers = fc.dictionary(headerName, headerValue, { maxKeys: 6, noNullPrototype: true });

describe.each(names)('the provider %s', (name) => {
  const { read, prove, deliveryId } = providers[name];

  it('reads any request as an event that says little, or as a bad request', () => {
    fc.assert(
      fc.property(headers, body, (given, bytes) => {
        const request: WebhookRequest = { headers: given, body: bytes };
        try {
          const event = read(request);
          if (event.kind === 'push') {
            expect(event.ref?.length ?? 1).toBeGreaterThan(0);
            expect(event.commit ?? 'a'.repeat(40)).toMatch(/^([0-9a-f]{40}|[0-9a-f]{64})$/);
          } else expect(event).toEqual({ kind: 'other' });
        } catch (error) {
          expect(errorCode(error)).toBe('BAD_REQUEST');
        }
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
        expect(typeof (deliveryId(given) ?? '')).toBe('string');
      }),
    );
  });

  it('takes no request for authentic that was not made with the secret', () => {
    fc.assert(
      fc.property(headers, body, fc.integer(), (given, bytes, now) => {
        const proof = prove(given, key, now);
        proof.update(bytes);
        expect(proof.holds()).toBe(false);
      }),
    );
  });
});

describe('the api', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    for (const name of names) world.put(source(name, { provider: name }));
  });
  afterAll(() => world.stop());

  /** The headers that make the request authentic for a source of this provider. */
  const sign = (name: string, bytes: Buffer): Record<string, string> => {
    const signature = `sha256=${createHmac('sha256', secretText).update(bytes).digest('hex')}`;
    if (name === 'github') return { 'x-hub-signature-256': signature };
    return name === 'generic' ? { 'x-samband-signature': signature } : {};
  };

  it('answers any webhook with what is documented, and goes on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        headers,
        body,
        fc.boolean(),
        async (name, given, bytes, isSigned) => {
          const response = await world.app.inject({
            method: 'POST',
            url: `/webhooks/team1/${name}`,
            headers: { 'content-type': 'application/json', ...given, ...(isSigned ? sign(name, bytes) : {}) },
            payload: bytes,
          });
          expect([202, 400, 401, 413, 415, 429]).toContain(response.statusCode);
          if (response.statusCode !== 202) problemModel.parse(response.json());
        },
      ),
    );
    const alive = await world.post('/webhooks/team1/app', pushOf(), githubHeaders(pushOf()));
    expect(alive.status).toBe(202);
  });

  it('answers any address and query with what is documented', async () => {
    const part = fc.oneof(
      fc.constantFrom(
        'api',
        'v1',
        'namespaces',
        'team1',
        'sources',
        'rollouts',
        'app',
        'sync',
        'webhooks',
        'metrics',
      ),
      fc.constantFrom(
        '',
        '.',
        '..',
        '%2e%2e',
        '%2f',
        '%00',
        '%zz',
        '%f0%9f',
        'constructor',
        '__proto__',
        'a'.repeat(300),
        'ä',
        ';',
        ':',
      ),
      fc.string({ maxLength: 10 }),
    );
    const place = fc.oneof(
      fc.constantFrom(
        '/api/v1/namespaces/team1/sources',
        '/api/v1/namespaces/team1/rollouts',
        '/webhooks/team1/app',
      ),
      fc.array(part, { maxLength: 7 }).map((parts) => `/${parts.map((one) => encodeIfOdd(one)).join('/')}`),
    );
    const token = fc.oneof(
      fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
      fc.constantFrom('W10', 'WyIiLCIiXQ', 'e30', '%', '', 'null'),
    );
    const value = fc.oneof(token, part, fc.constantFrom('1', '0', '501', '-1', '1e2', '0x1', '１'));
    const parameter = fc.constantFrom(
      'limit',
      'continue',
      'source',
      '__proto__',
      'constructor',
      'limit[]',
      'limit[a]',
    );
    const query = fc
      .array(fc.tuple(parameter, value), { maxLength: 4 })
      .map((pairs) => pairs.map(([name, text]) => `${name}=${encodeIfOdd(text)}`).join('&'));
    const method = fc.constantFrom<'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS'>(
      'GET',
      'GET',
      'GET',
      'POST',
      'PUT',
      'DELETE',
      'HEAD',
      'OPTIONS',
    );
    const authorization = fc.constantFrom(
      'Bearer token-of-alice',
      'Bearer token-of-alice',
      'Bearer x',
      'Bearer',
      '',
      'Basic x',
    );
    await fc.assert(
      fc.asyncProperty(method, place, query, authorization, async (verb, path, search, who) => {
        const response = await world.app.inject({
          method: verb,
          url: `${path}?${search}`,
          headers: { authorization: who },
        });
        expect([200, 202, 204, 400, 401, 403, 404, 405, 415, 429]).toContain(response.statusCode);
        expect(response.headers['x-content-type-options']).toBe('nosniff');
        if (response.statusCode >= 400 && verb !== 'HEAD') problemModel.parse(response.json());
      }),
    );
  });
});

/** As a client writes it that encodes what it must; what is encoded, or broken, already stays. */
function encodeIfOdd(text: string): string {
  return text.includes('%') ? text : encodeURI(text).replaceAll(/[?#]/gu, '_');
}
