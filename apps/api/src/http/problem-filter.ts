import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { catalogue, errorCode } from '@samband/errors';
import type { Logger } from '@samband/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from './problem.js';

/** Every failure leaves as a problem document; what is our fault is logged with its causes. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    sendProblem(http.getResponse<FastifyReply>(), request, error, this.#logger);
  }
}

export function sendProblem(
  reply: FastifyReply,
  request: FastifyRequest,
  error: unknown,
  logger: Logger,
): void {
  const { problem, headers } = problemOf(error);
  if (problem.status >= 500) {
    const code = errorCode(error) ?? problem.code;
    const isPassing = catalogue[code].status === 503;
    logger[isPassing ? 'warn' : 'error']('A request failed', { correlationId: request.id, code, error });
  }
  if (reply.sent) return;
  if (problem.status === 401) {
    reply.header(
      'www-authenticate',
      request.url.startsWith('/webhooks/') ? 'Signature' : 'Bearer realm="samband"',
    );
  }
  void reply
    .code(problem.status)
    .headers(headers)
    .type('application/problem+json')
    .send(JSON.stringify({ ...problem, correlationId: request.id }));
}
