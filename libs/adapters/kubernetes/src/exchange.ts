import type { IncomingHttpHeaders } from 'node:http';
import { SambandError } from '@samband/errors';
import type { Dispatcher } from 'undici';
import type { Endpoint } from './connection.js';

export interface RawRequest {
  readonly method: Dispatcher.HttpMethod;
  /** Path with query; its segments are already encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether the answer is awaited, whatever the signal says, once the request is on the wire. */
  readonly isAwaited?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * One request and its whole answer. Rejects with what the network said, with KUBERNETES_UNAVAILABLE when the
 * time is up or the answer is larger than `maxBytes`, or with the signal's reason.
 */
export function exchange(endpoint: Endpoint, request: RawRequest): Promise<Answer> {
  const { signal, body, timeoutMs, maxBytes } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortReason(signal));
      return;
    }
    let controller: Dispatcher.DispatchController | undefined;
    let failure: Error | undefined;
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: Error): void => {
      if (failure !== undefined) return;
      failure = error;
      settle();
      controller?.abort(error);
      reject(error);
    };
    const onAbort = (): void => {
      if (controller === undefined || request.isAwaited !== true) fail(abortReason(signal));
    };
    const timer = setTimeout(() => {
      fail(unavailable(`no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });

    let status = 0;
    let headers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    let size = 0;
    // Its handler and not `request()`: half the processor time for each of thousands of small answers.
    endpoint.dispatcher.dispatch(
      { ...target(endpoint, request), ...(body === undefined ? {} : { body }) },
      {
        onRequestStart(started) {
          controller = started;
          // Given up while it waited for a connection.
          if (failure !== undefined) started.abort(failure);
        },
        onResponseStart(_, code, fields) {
          status = code;
          headers = fields;
        },
        onResponseData(_, chunk) {
          size += chunk.length;
          if (size > maxBytes) fail(unavailable(`the answer is larger than ${maxBytes} bytes`));
          else chunks.push(chunk);
        },
        onResponseEnd() {
          settle();
          resolve({ status, headers, body: Buffer.concat(chunks, size).toString('utf8') });
        },
        onResponseError(_, error) {
          fail(error);
        },
      },
    );
  });
}

/** What a request needs to reach the API server as whoever the kubeconfig names. */
export function target(
  { server, headers }: Endpoint,
  request: Pick<RawRequest, 'method' | 'path' | 'headers'>,
): Dispatcher.DispatchOptions {
  return {
    origin: server.origin,
    path: server.pathname.replace(/\/$/, '') + request.path,
    method: request.method,
    headers: { accept: 'application/json', 'user-agent': 'samband', ...request.headers, ...headers },
  };
}

export function abortReason(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error('aborted');
}

function unavailable(message: string): SambandError {
  return new SambandError('KUBERNETES_UNAVAILABLE', `the Kubernetes API: ${message}`);
}
