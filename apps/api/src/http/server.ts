import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SambandError } from '@samband/errors';
import type { Logger, Metrics } from '@samband/observability';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem-filter.js';
import { readBody } from './read-body.js';
import { createRouteTable, type RouteTable } from './route-table.js';

/** Of bodies of the REST API. */
const bodyLimits = { read: 1 << 20, kept: 1 << 20 };
export const correlationHeader = 'x-correlation-id';

const limits = {
  requestMs: 10_000,
  headersMs: 10_000,
  sweepMs: 2000,
  headerBytes: 16_384,
  connections: 1024,
};

const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** The HTTP server with everything that holds for each request, whatever its route. */
export function createHttpAdapter(logger: Logger, metrics: Metrics): FastifyAdapter {
  const adapter = new FastifyAdapter({
    // Idle connections are closed at once; what is being answered is waited for, at most `requestMs`.
    forceCloseConnections: 'idle',
    trustProxy: false,
    skipMiddie: true,
    requestTimeout: limits.requestMs,
    http: {
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.sweepMs,
      maxHeaderSize: limits.headerBytes,
    },
    routerOptions: { maxParamLength: 253, ignoreTrailingSlash: false },
    genReqId: correlationId,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      decorate(request, reply);
      sendProblem(reply, request, error, logger);
    },
    clientErrorHandler: refuseConnection,
  });
  const server = adapter.getInstance<FastifyInstance>();
  server.server.maxConnections = limits.connections;
  takeBodiesAsBytes(server);
  const routes = createRouteTable();
  server.addHook('onRoute', ({ method, url }) => {
    routes.add(method, url);
  });
  server.addHook('onRequest', (request, reply, done) => {
    decorate(request, reply);
    if (request.is404) answerUnrouted(request, reply, routes, logger);
    else if (isEncoded(request)) {
      sendProblem(
        reply,
        request,
        new SambandError('UNSUPPORTED_MEDIA_TYPE', 'The body must not be compressed.'),
        logger,
      );
    } else done();
  });
  observe(server, logger, metrics);
  return adapter;
}

function correlationId(request: IncomingMessage): string {
  const given = request.headers[correlationHeader];
  return typeof given === 'string' && /^[\w.-]{1,64}$/u.test(given) ? given : randomUUID();
}

function decorate(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(securityHeaders).header(correlationHeader, request.id);
}

/**
 * Signatures are over bytes, so no body is parsed before its signature holds. Those of webhooks are left unread: whoever
 * takes them computes signatures while they come.
 */
function takeBodiesAsBytes(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    ['application/json', 'application/x-www-form-urlencoded'],
    async (request: FastifyRequest, stream: IncomingMessage) =>
      request.routeOptions.url?.startsWith('/webhooks/') === true
        ? stream
        : readBody(stream, request.headers['content-length'], bodyLimits),
  );
}

function isEncoded({ headers }: FastifyRequest): boolean {
  const encoding = headers['content-encoding'];
  return encoding !== undefined && encoding.toLowerCase() !== 'identity';
}

function answerUnrouted(
  request: FastifyRequest,
  reply: FastifyReply,
  routes: RouteTable,
  logger: Logger,
): void {
  const allowed = routes.methodsOf(request.url);
  if (allowed.length === 0) {
    sendProblem(reply, request, new SambandError('NOT_FOUND', 'There is nothing here.'), logger);
    return;
  }
  reply.header('allow', [...allowed, 'OPTIONS'].join(', '));
  if (request.method === 'OPTIONS') void reply.code(204).send();
  else sendProblem(reply, request, new SambandError('METHOD_NOT_ALLOWED', 'See the Allow header.'), logger);
}

function observe(server: FastifyInstance, logger: Logger, metrics: Metrics): void {
  const seconds = metrics.histogram({
    name: 'http_request_seconds',
    help: 'Time from the request to the end of its answer.',
    labels: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    const labels = { method: request.is404 ? 'any' : request.method, route, status: reply.statusCode };
    seconds.observe(reply.elapsedTime / 1000, labels);
    logger.debug('answered', {
      ...labels,
      correlationId: request.id,
      milliseconds: Math.round(reply.elapsedTime),
    });
    done();
  });
}

/** What is not HTTP, too large a header, or too slow: answered in one line, and the connection ends. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const statuses: Record<string, string> = {
    ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
    HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  };
  const status = statuses[error.code ?? ''] ?? '400 Bad Request';
  if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  socket.destroySoon();
}

/** Ends what is still open `afterMs` from now. */
export function closeAllConnections(server: Server, afterMs: number): void {
  setTimeout(() => {
    server.closeAllConnections();
  }, afterMs).unref();
}
