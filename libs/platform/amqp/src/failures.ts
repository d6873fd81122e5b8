import { SambandError, type ErrorCode, type Facts } from '@samband/errors';

/** An AMQP condition as an error of the catalogue. Descriptions come from the peer and hold no secrets of ours. */
export function amqpFailure(
  condition: string | undefined,
  description: string | undefined,
  what: string,
): SambandError {
  const facts: Facts = condition === undefined ? {} : { condition };
  return new SambandError(codeOf(condition), `${what}: ${description ?? condition ?? 'no reason given'}`, {
    facts,
  });
}

export function connectionLost(endpoint: string, cause?: unknown): SambandError {
  return new SambandError('BROKER_UNAVAILABLE', `the connection to ${endpoint} was lost`, { cause });
}

export function timedOut(what: string, timeoutMs: number): SambandError {
  return new SambandError('AMQP_TIMEOUT', `${what} took longer than ${timeoutMs} ms`, {
    facts: { timeoutMs },
  });
}

function codeOf(condition: string | undefined): ErrorCode {
  switch (condition) {
    case 'amqp:unauthorized-access':
      return 'FORBIDDEN';
    case 'amqp:not-found':
      return 'NOT_FOUND';
    case 'amqp:resource-limit-exceeded':
      return 'AMQP_NO_CREDIT';
    case 'amqp:internal-error':
    case 'amqp:connection:forced':
    case 'amqp:link:detach-forced':
      return 'BROKER_UNAVAILABLE';
    case undefined:
    default:
      return 'AMQP_REFUSED';
  }
}
