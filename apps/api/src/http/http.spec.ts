import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problemModel } from '../support/models.js';
import { startWorld, type World } from '../testing/world.fixture.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const call = (method: string, path: string, headers: Record<string, string> = {}) =>
  fetch(`${world.url}${path}`, { method, headers });

/** What a raw request is answered. */
function raw(text: string): Promise<string> {
  const { port } = new URL(world.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('end', () => {
      resolve(answer);
    });
    socket.on('error', reject);
  });
}

describe('the server', () => {
  it.each([
    ['GET', '/nowhere'],
    ['GET', '/api/v1/namespaces'],
    ['GET', '/webhooks/a/b/c'],
    ['GET', `/webhooks/team1/${'a'.repeat(300)}`],
    ['OPTIONS', '/nowhere'],
  ])('answers %s %s with a 404 problem', async (method, path) => {
    const response = await call(method, path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(problemModel.parse(await response.json()).code).toBe('NOT_FOUND');
  });

  it.each([
    ['PUT', '/webhooks/team1/app', 'OPTIONS, POST'],
    ['GET', '/webhooks/team1/app', 'OPTIONS, POST'],
    ['DELETE', '/api/v1/namespaces/team1/sources/app', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/healthz', 'GET, HEAD, OPTIONS'],
  ])('answers %s %s with 405 and what is allowed', async (method, path, allowed) => {
    const response = await call(method, path);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')?.split(', ').sort().join(', ')).toBe(allowed);
  });

  it('answers OPTIONS with what is allowed, without opening anything to other origins', async () => {
    const response = await call('OPTIONS', '/api/v1/namespaces/team1/sources', {
      origin: 'https://evil.example',
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('answers HEAD like GET without a body, behind the same lock', async () => {
    const head = await call('HEAD', '/healthz');
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await call('HEAD', '/api/v1/namespaces/team1/sources')).status).toBe(401);
  });

  it.each(['/healthz', '/nowhere', '/api/v1/namespaces/team1/sources', '/%zz', '/api/openapi.json'])(
    'sends the security headers, a correlation id and no cookie with %s',
    async (path) => {
      const { headers } = await call('GET', path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-correlation-id')).toMatch(/^[\w-]{36}$/);
      expect(headers.get('set-cookie')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    },
  );

  it('keeps a caller’s correlation id when it is harmless', async () => {
    const id = async (given: string) =>
      (await call('GET', '/nowhere', { 'x-correlation-id': given })).headers.get('x-correlation-id');
    expect(await id('abc-1')).toBe('abc-1');
    expect(await id('<script>')).not.toBe('<script>');
    expect(await id('x'.repeat(65))).toHaveLength(36);
  });

  it('answers a malformed address with a problem', async () => {
    const response = await call('GET', '/%zz');
    expect(response.status).toBe(400);
    expect(problemModel.parse(await response.json()).code).toBe('BAD_REQUEST');
  });

  // Node counts these by itself; to see it end a slow request would take as long.
  it('gives a request ten seconds with all its headers and body, and a process so many connections', () => {
    const server = world.app.getHttpServer();
    expect([server.headersTimeout, server.requestTimeout, server.maxConnections]).toEqual([
      10_000, 10_000, 1024,
    ]);
  });

  it('ends what is not HTTP, and headers that are too large', async () => {
    expect(await raw('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect(await raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
  });
});

describe('health', () => {
  it('is ready while the Kubernetes API answers; Temporal is reported only', async () => {
    world.outside.temporal = 'down';
    const ready = await call('GET', '/readyz');
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({
      ready: true,
      checks: { kubernetes: { up: true, required: true }, temporal: { up: false, required: false } },
    });
    world.outside.kubernetes = 'down';
    expect((await call('GET', '/readyz')).status).toBe(503);
    expect((await call('GET', '/healthz')).status).toBe(200);
    world.outside.kubernetes = 'up';
    world.outside.temporal = 'up';
  });

  it('counts requests by route, never by name', async () => {
    await call('POST', '/webhooks/team1/a-name-of-a-tenant');
    const response = await call('GET', '/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    expect(text).toContain('route="/webhooks/:namespace/:source"');
    expect(text).not.toContain('a-name-of-a-tenant');
  });
});

describe('the OpenAPI document', () => {
  it('names every route, its models, its problems and its login', async () => {
    const document = (await (await call('GET', '/api/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { responses: object; security?: object[] }>>;
      components: { schemas: object; securitySchemes: object };
    };
    expect(document.openapi).toBe('3.1.0');
    expect(
      Object.entries(document.paths)
        .flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`))
        .sort(),
    ).toEqual([
      'get /api/v1/namespaces/{namespace}/rollouts',
      'get /api/v1/namespaces/{namespace}/rollouts/{name}',
      'get /api/v1/namespaces/{namespace}/sources',
      'get /api/v1/namespaces/{namespace}/sources/{name}',
      'post /api/v1/namespaces/{namespace}/sources/{name}/sync',
      'post /webhooks/{namespace}',
      'post /webhooks/{namespace}/{source}',
    ]);
    const get = document.paths['/api/v1/namespaces/{namespace}/sources/{name}']?.['get'];
    expect(Object.keys(get?.responses ?? {})).toEqual(
      expect.arrayContaining(['200', '400', '401', '403', '404', '503']),
    );
    expect(get?.security).toEqual([{ bearer: [] }]);
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining([
        'Source',
        'SourcePage',
        'Rollout',
        'RolloutPage',
        'Problem',
        'WebhookAccepted',
      ]),
    );
  });
});
