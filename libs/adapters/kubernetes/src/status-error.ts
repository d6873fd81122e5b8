import { SambandError, type ErrorCode, type Facts } from '@samband/errors';
import type { Answer } from './exchange.js';

/** The parts of `meta/v1 Status` that say why. */
interface Status {
  readonly message: string;
  readonly reason: string;
  readonly causes: readonly Cause[];
}

interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** What a request was about, for the message and for what may be said in it. */
export interface Subject {
  /** e.g. `Address team1/app.orders`. */
  readonly text: string;
  readonly kind: string;
}

const maxMessage = 2000;

/** Kinds whose objects hold secrets; the API server repeats refused values in its messages. */
const secretKinds = new Set(['Secret', 'MessagingUser', 'TokenReview', 'TokenRequest']);

/** The catalogue error of an answer that is no success. The fields it complains of stay in the message. */
export function toKubernetesError(answer: Answer, subject: Subject): SambandError {
  const status = parseStatus(answer.body);
  const code = codeOf(answer, status);
  const text = `${subject.text}: ${explain(status, subject.kind, code) || `status ${answer.status}`}`;
  const message = text.length > maxMessage ? `${text.slice(0, maxMessage)}…` : text;
  return new SambandError(code, message, { facts: factsOf(answer, status, code) });
}

function codeOf(answer: Answer, status: Status): ErrorCode {
  const { reason, message, causes } = status;
  switch (answer.status) {
    case 401:
      return 'KUBERNETES_UNAVAILABLE';
    case 403:
      // A namespace that is going away forbids creations until it is gone.
      return causes.some((cause) => cause.reason === 'NamespaceTerminating')
        ? 'KUBERNETES_CONFLICT'
        : 'KUBERNETES_FORBIDDEN';
    case 404:
      return reason === 'NotFound' && message !== 'the server could not find the requested resource'
        ? 'NOT_FOUND'
        : 'KUBERNETES_UNKNOWN_KIND';
    case 409:
      return reason === 'AlreadyExists' ? 'CONFLICT' : 'KUBERNETES_CONFLICT';
    case 413:
      return 'PAYLOAD_TOO_LARGE';
    case 500:
      // Server-side apply answers an unknown or mistyped field of a built-in kind with 500.
      return message.includes('typed patch object') || message.includes('field not declared in schema')
        ? 'KUBERNETES_INVALID'
        : 'KUBERNETES_UNAVAILABLE';
    default:
      return answer.status >= 500 || answer.status === 429 ? 'KUBERNETES_UNAVAILABLE' : 'KUBERNETES_INVALID';
  }
}

function explain(status: Status, kind: string, code: ErrorCode): string {
  const tellsValues = code === 'KUBERNETES_INVALID' || code === 'KUBERNETES_UNAVAILABLE';
  if (secretKinds.has(kind) && tellsValues) {
    const fields = status.causes.map(({ field, reason, message }) =>
      field === '' ? reason : `${field}: ${withoutValue(message, kind) ?? reason}`,
    );
    return [status.reason, ...new Set(fields)].filter((part) => part !== '').join('; ');
  }
  if (status.causes.length === 0 || code === 'KUBERNETES_FORBIDDEN') return status.message;
  return status.causes
    .map(({ field, message }) => (field === '' ? message : `${field}: ${message}`))
    .join('; ');
}

/**
 * `Invalid value: "<value>": <what is wrong>` without the value, where that can be told for certain.
 * `field.Error` of apimachinery prints strings quoted, and names no value in the rule's own text.
 */
function withoutValue(message: string, kind: string): string | undefined {
  if (kind === 'Secret') return undefined;
  const match = /^(?:Invalid value|Unsupported value|Duplicate value): "((?:[^"\\]|\\.)*)"(?:: (.*))?$/s.exec(
    message,
  );
  const [, value = '', rule] = match ?? [];
  if (rule === undefined) return /^Required value(?:: [^"]*)?$/.test(message) ? message : undefined;
  return value !== '' && rule.includes(value) ? undefined : rule;
}

function factsOf(answer: Answer, status: Status, code: ErrorCode): Facts {
  const managers = status.causes.flatMap(
    ({ message }) => /^conflict with "([^"]{1,128})"/.exec(message)?.[1] ?? [],
  );
  return {
    status: answer.status,
    ...(status.reason === '' ? {} : { reason: status.reason }),
    ...(code !== 'KUBERNETES_CONFLICT' || managers.length === 0
      ? {}
      : {
          managers: [...new Set(managers)].join(', '),
          fields: status.causes
            .map(({ field }) => field)
            .join(', ')
            .slice(0, maxMessage),
        }),
  };
}

function parseStatus(body: string): Status {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { message: body.trim().slice(0, 200), reason: '', causes: [] };
  }
  const status = record(value);
  const causes = record(status['details'])['causes'];
  return {
    message: text(status['message']),
    reason: text(status['reason']),
    causes: (Array.isArray(causes) ? causes.slice(0, 50) : []).map((entry: unknown) => {
      const cause = record(entry);
      return { reason: text(cause['reason']), message: text(cause['message']), field: text(cause['field']) };
    }),
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
