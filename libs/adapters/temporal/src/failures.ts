import { SambandError, errorCode } from '@samband/errors';

/** `google.rpc.Code` of the answers that this client tells apart. */
const grpcCodes = { notFound: 5, alreadyExists: 6, permissionDenied: 7, unauthenticated: 16 } as const;

/** Any failure of Temporal's client as one of ours. What is not plainly the caller's fault may pass. */
export function toTemporalError(error: unknown, what: string): SambandError {
  if (errorCode(error) !== undefined) return error as SambandError;
  const code = grpcCode(error);
  const name = error instanceof Error ? error.name : '';
  if (code === grpcCodes.notFound || name === 'WorkflowNotFoundError') {
    return new SambandError('NOT_FOUND', `${what}: there is no such workflow`, { cause: error });
  }
  const reason = details(error);
  return new SambandError('TEMPORAL_UNAVAILABLE', `${what}: ${reason}`, {
    cause: error,
    ...(code === undefined ? {} : { facts: { grpcCode: code } }),
  });
}

export function isAlreadyExists(error: unknown): boolean {
  return grpcCode(error) === grpcCodes.alreadyExists;
}

/** Temporal wraps what gRPC threw in errors of its own. */
function grpcCode(error: unknown): number | undefined {
  for (let current = error, depth = 0; depth < 5; depth += 1) {
    if (typeof current !== 'object' || current === null) return undefined;
    if ('code' in current && typeof current.code === 'number') return current.code;
    current = 'cause' in current ? current.cause : undefined;
  }
  return undefined;
}

function details(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? inner.message.slice(0, 300) : 'unknown failure';
}
