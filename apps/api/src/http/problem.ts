import {
  catalogue,
  errorCode,
  SambandError,
  toProblem,
  toSambandError,
  type ErrorCode,
  type Problem,
} from '@samband/errors';
import { InvalidRequest } from './invalid-request.js';

/** What an error becomes on the wire. */
export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/** What callers are told of failures that are not theirs; the rest is in the log, under the correlation id. */
const ourFaults: Readonly<Partial<Record<ErrorCode, string>>> = {
  KUBERNETES_UNAVAILABLE: 'The Kubernetes API is away; try again.',
  TEMPORAL_UNAVAILABLE: 'Temporal is away; try again.',
};
const internal = 'Something went wrong here. Quote the correlation id when you ask about it.';

/** The Kubernetes API refused the api itself: to the caller that is a failure like any other. */
const refusals: ReadonlySet<ErrorCode> = new Set([
  'KUBERNETES_FORBIDDEN',
  'KUBERNETES_INVALID',
  'KUBERNETES_UNKNOWN_KIND',
]);

/** Codes of the catalogue for what Nest and Fastify refuse by themselves. */
const codesByStatus = new Map<number, ErrorCode>([
  [400, 'BAD_REQUEST'],
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
  [404, 'NOT_FOUND'],
  [405, 'METHOD_NOT_ALLOWED'],
  [414, 'BAD_REQUEST'],
  [415, 'UNSUPPORTED_MEDIA_TYPE'],
  [429, 'TOO_MANY_REQUESTS'],
]);
const details: Readonly<Partial<Record<ErrorCode, string>>> = {
  NOT_FOUND: 'There is nothing here.',
  UNSUPPORTED_MEDIA_TYPE: 'The body must be application/json.',
};

/** Any failure as an RFC 9457 problem. Only messages that were written for callers get out. */
export function problemOf(error: unknown): ProblemAnswer {
  const known = asOurs(error);
  const errors = known instanceof InvalidRequest ? known.errors : undefined;
  const status = catalogue[known.code].status;
  const detail = status >= 500 ? (ourFaults[known.code] ?? internal) : known.message;
  return { problem: { ...toProblem(known, errors), detail }, headers: headersOf(known) };
}

function asOurs(error: unknown): SambandError {
  const code = errorCode(error);
  if (code !== undefined) {
    if (refusals.has(code)) return new SambandError('INTERNAL', internal, { cause: error });
    return toSambandError(error);
  }
  const status = statusOf(error);
  const mapped = status === undefined ? undefined : codesByStatus.get(status);
  if (mapped === undefined) return new SambandError('INTERNAL', internal, { cause: error });
  return new SambandError(mapped, details[mapped] ?? 'The request is not valid HTTP for this address.');
}

/** Of Nest's `HttpException` and of Fastify's errors. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const status = 'statusCode' in error ? error.statusCode : 'status' in error ? error.status : undefined;
  return typeof status === 'number' ? status : undefined;
}

function headersOf({ code, facts }: SambandError): Record<string, string> {
  // What is still to come of the body is not waited for.
  if (code === 'PAYLOAD_TOO_LARGE') return { connection: 'close' };
  const retryAfter = facts['retryAfterSeconds'] ?? (catalogue[code].status === 503 ? 5 : undefined);
  return retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
}
