import { SambandError, type Problem } from '@samband/errors';

interface Issue {
  readonly path?: readonly unknown[] | undefined;
  readonly message: string;
}

const issueLimit = 50;

/** A request with everything that is wrong with it, by field. */
export class InvalidRequest extends SambandError {
  readonly errors: NonNullable<Problem['errors']>;

  constructor(message: string, errors: NonNullable<Problem['errors']>) {
    super('BAD_REQUEST', message);
    this.errors = errors;
  }

  /** @param issues of zod, or of any other Standard Schema */
  static of(message: string, issues: readonly Issue[]): InvalidRequest {
    return new InvalidRequest(
      message,
      issues.slice(0, issueLimit).map((issue) => ({
        path: (issue.path ?? []).map(segment).join('.'),
        message: issue.message,
      })),
    );
  }
}

function segment(part: unknown): string {
  const key = typeof part === 'object' && part !== null && 'key' in part ? part.key : part;
  return String(key).slice(0, 100);
}
