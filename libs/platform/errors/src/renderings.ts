import { catalogue, type ErrorCode } from './catalogue.js';
import type { SambandError } from './samband-error.js';

/** RFC 9457 problem document. `errors` carries field paths for REST. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

export function toProblem(error: SambandError, errors?: Problem['errors']): Problem {
  return {
    type: `https://samband.dev/errors/${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: words(error.code),
    status: catalogue[error.code].status,
    code: error.code,
    detail: error.message,
    ...(errors === undefined ? {} : { errors }),
  };
}

/** Reason of a Kubernetes condition: the code in PascalCase. */
export function toReason(code: string): string {
  return code
    .toLowerCase()
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** What `ApplicationFailure.create` of Temporal wants to know. */
export function toFailureOptions(error: SambandError): {
  type: string;
  message: string;
  nonRetryable: boolean;
  details: unknown[];
} {
  return {
    type: error.code,
    message: error.message,
    nonRetryable: catalogue[error.code].retry === 'never',
    details: [error.facts],
  };
}

function words(code: string): string {
  const text = code.toLowerCase().replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
