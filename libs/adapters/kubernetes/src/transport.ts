import { setTimeout as sleep } from 'node:timers/promises';
import { SambandError, errorCode } from '@samband/errors';
import { createConnection, type Connection, type KubernetesOptions } from './connection.js';
import { abortReason, exchange, type Answer } from './exchange.js';
import { knowsRights } from './rights.js';
import { Traffic } from './traffic.js';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly accept?: string;
  /** User name to impersonate. */
  readonly as?: string | undefined;
  /**
   * Once aborted nothing more is sent. A read on the wire is given up; a write is awaited, since nobody could say what
   * became of it.
   */
  readonly signal?: AbortSignal | undefined;
  readonly maxBytes?: number;
  /** Whether doing it twice is the same as once; by default all but POST. */
  readonly repeatable?: boolean;
  /** Whether the answer denies a right, and nothing else happened; by default status 403. */
  readonly isDenial?: (answer: Answer) => boolean;
}

/** Talks to the API server: credentials, limits, and trying again what it could not do at that moment. */
export interface Transport {
  readonly connection: Connection;
  /** @returns the answer whatever its status. Throws KUBERNETES_UNAVAILABLE, or the signal's reason. */
  send(request: ApiRequest): Promise<Answer>;
}

/** An object is at most 1.5 MiB in etcd; what the API server adds is small. */
export const maxObjectBytes = 8 << 20;
const baseDelayMs = 100;
const maxDelayMs = 10_000;

/** @param traffic is told of each request */
export function createTransport(options: KubernetesOptions, traffic: Traffic = new Traffic()): Transport {
  const connection = createConnection(options);
  const attempts = options.attempts ?? 5;
  const timeoutMs = options.timeoutMs ?? 30_000;

  return {
    connection,
    async send(request) {
      const { headers, body } = encode(request);
      const { method, path, signal } = request;
      const maxBytes = request.maxBytes ?? maxObjectBytes;
      const repeatable = request.repeatable ?? method !== 'POST';
      const isDenial = request.isDenial ?? (({ status }): boolean => status === 403);
      let isCertain = false;
      for (let attempt = 1; ; attempt += 1) {
        const last = attempt >= attempts;
        let waitMs = 0;
        try {
          const endpoint = await connection.endpoint();
          const answer = await traffic.request(() =>
            exchange(endpoint, {
              method,
              path,
              headers,
              ...(body === undefined ? {} : { body }),
              timeoutMs,
              maxBytes,
              signal,
              isAwaited: method !== 'GET',
            }),
          );
          const retryAfterMs = readRetryAfter(answer);
          if (answer.status === 401) connection.refresh();
          if (!isCertain && isDenial(answer)) {
            isCertain = await knowsRights(connection, signal);
            if (isCertain) {
              // Perhaps they were not yet when it denied: asked once more, which is no attempt that failed.
              attempt -= 1;
              continue;
            }
            if (last) throw new SambandError('KUBERNETES_UNAVAILABLE', 'the Kubernetes API is starting');
          } else if (last || !isPassing(answer.status, retryAfterMs, repeatable, attempt)) return answer;
          waitMs = retryAfterMs ?? 0;
        } catch (error) {
          if (signal?.aborted === true) throw abortReason(signal);
          if (last || !(repeatable || neverArrived(error))) throw unreachable(error);
        }
        await pause(Math.max(waitMs, backoff(attempt)), signal);
        isCertain = false;
      }
    },
  };
}

/** Full jitter, so that the callers of an API server that comes back do not come back together. */
export function backoff(attempt: number, base = baseDelayMs, max = maxDelayMs): number {
  return base / 2 + Math.random() * Math.min(max, base * 2 ** attempt);
}

export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    throw abortReason(signal);
  }
}

function encode(request: ApiRequest): { headers: Record<string, string>; body: string | undefined } {
  const headers: Record<string, string> = {};
  if (request.accept !== undefined) headers['accept'] = request.accept;
  if (request.as !== undefined) headers['impersonate-user'] = userHeader(request.as);
  if (request.body === undefined) return { headers, body: undefined };
  headers['content-type'] = request.contentType ?? 'application/json';
  return { headers, body: JSON.stringify(request.body) };
}

function userHeader(user: string): string {
  if (user === '' || !/^[\x21-\x7e]+$/.test(user)) {
    // Nobody has that name, so nobody of that name may do anything; whoever gives up what is not permitted goes on.
    throw new SambandError('KUBERNETES_FORBIDDEN', 'the user to act as has a name that no user can have');
  }
  return user;
}

function isPassing(
  status: number,
  retryAfterMs: number | undefined,
  repeatable: boolean,
  attempt: number,
): boolean {
  if (status === 401) return attempt === 1;
  // The server says by Retry-After that it did nothing (api-conventions.md, "HTTP Status codes").
  if (status === 429 || (status >= 500 && retryAfterMs !== undefined)) return true;
  return repeatable && (status === 502 || status === 503 || status === 504);
}

function readRetryAfter(answer: Answer): number | undefined {
  const seconds = Number(answer.headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, maxDelayMs) : undefined;
}

function neverArrived(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN';
}

function unreachable(error: unknown): SambandError {
  if (errorCode(error) !== undefined) return error as SambandError;
  const reason = error instanceof Error ? error.message : 'unknown failure';
  return new SambandError('KUBERNETES_UNAVAILABLE', `the Kubernetes API does not answer: ${reason}`, {
    cause: error,
  });
}
