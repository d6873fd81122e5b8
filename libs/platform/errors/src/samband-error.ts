import { catalogue, type ErrorCode } from './catalogue.js';

/** Facts about a failure; every value is safe to log and to show. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/**
 * A failure with a code of the catalogue. Recognised by `code`, never by class: the workflow sandbox and Jest
 * have realms of their own, in which `instanceof` lies.
 */
export class SambandError extends Error {
  override readonly name = 'SambandError';
  readonly code: ErrorCode;
  readonly facts: Facts;

  /** @param message for people: what, where, and how to mend it; never a secret. */
  constructor(code: ErrorCode, message: string, options: { facts?: Facts; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.facts = options.facts ?? {};
  }
}

/** The code of a failure, when it is one of ours. */
export function errorCode(error: unknown): ErrorCode | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && Object.hasOwn(catalogue, code) ? (code as ErrorCode) : undefined;
}

/** Whether trying again can help. Unknown failures are defects or broken worlds: those may pass. */
export function isRetryable(error: unknown): boolean {
  const code = errorCode(error);
  return code === undefined || catalogue[code].retry === 'later';
}

/**
 * The failure as one of ours. One of another realm keeps its code, what is not ours becomes INTERNAL; both stay as
 * the cause.
 */
export function toSambandError(error: unknown): SambandError {
  if (error instanceof SambandError) return error;
  const message = error instanceof Error ? error.message : 'unknown failure';
  return new SambandError(errorCode(error) ?? 'INTERNAL', message, { cause: error });
}
