import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.js';
import type { Readiness } from './readiness.js';

export interface HealthServerOptions {
  /** On the loopback, since the page has no login; 0 lets the system choose. */
  readonly port: number;
  /** See {@link createReadiness}. */
  readonly ready: () => Promise<Readiness>;
  readonly metrics: Metrics;
}

export interface HealthServer {
  /** The port it listens on. */
  readonly port: number;
  close(): Promise<void>;
}

interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** `/healthz` (alive), `/readyz` (200 or 503, with each check), `/metrics`, for processes without an API. */
export async function serveHealth(options: HealthServerOptions): Promise<HealthServer> {
  const pages = new Map<string, () => Promise<Page>>([
    ['/healthz', () => Promise.resolve(json(200, { status: 'alive' }))],
    ['/readyz', () => options.ready().then((report) => json(report.ready ? 200 : 503, report))],
    ['/metrics', () => options.metrics.render().then((rendered) => ({ status: 200, ...rendered }))],
  ]);
  const server = createServer(
    { requestTimeout: 5000, headersTimeout: 5000, maxHeaderSize: 8192 },
    (request, response) => {
      void answer(pages, request, response);
    },
  );
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function answer(
  pages: ReadonlyMap<string, () => Promise<Page>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const page = await render(pages, request).catch(() => json(500, { status: 'failed' }));
  response.writeHead(page.status, { 'content-type': page.contentType, 'cache-control': 'no-store' });
  response.end(request.method === 'HEAD' ? undefined : page.body);
}

async function render(
  pages: ReadonlyMap<string, () => Promise<Page>>,
  request: IncomingMessage,
): Promise<Page> {
  request.resume();
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return json(405, { status: 'method not allowed' });
  const page = pages.get((request.url ?? '').split('?', 1)[0] ?? '');
  return page === undefined ? json(404, { status: 'not found' }) : page();
}

function json(status: number, body: object): Page {
  return { status, contentType: 'application/json', body: JSON.stringify(body) };
}
