import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import https from 'node:https';
import { SambandError } from '@samband/errors';
import type { Endpoint } from './connection.js';

export interface RawRequest {
  readonly method: string;
  /** Path with query; its segments are already encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
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
export async function exchange(endpoint: Endpoint, request: RawRequest): Promise<Answer> {
  request.signal?.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const outgoing = open(endpoint, request, (incoming) => {
        read(incoming, request.maxBytes).then(resolve, (error: unknown) => {
          incoming.destroy();
          reject(error instanceof Error ? error : new Error('the answer broke off'));
        });
      });
      outgoing.on('error', reject);
      const stop = (reason: Error): void => {
        outgoing.destroy(reason);
        reject(reason);
      };
      timer = setTimeout(() => {
        stop(unavailable(`no answer within ${request.timeoutMs} ms`));
      }, request.timeoutMs);
      onAbort = () => {
        stop(abortReason(request.signal));
      };
      request.signal?.addEventListener('abort', onAbort, { once: true });
      outgoing.end(request.body);
    });
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) request.signal?.removeEventListener('abort', onAbort);
  }
}

/** Starts a request; the caller reads the answer as it comes. */
export function open(
  endpoint: Endpoint,
  request: Pick<RawRequest, 'method' | 'path' | 'headers' | 'body'>,
  onAnswer: (incoming: IncomingMessage) => void,
): ReturnType<typeof https.request> {
  const { server, agent } = endpoint;
  return https.request(
    {
      hostname: server.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: server.port === '' ? 443 : Number(server.port),
      path: server.pathname.replace(/\/$/, '') + request.path,
      method: request.method,
      agent,
      headers: {
        accept: 'application/json',
        'user-agent': 'samband',
        ...(request.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(request.body)) }),
        ...request.headers,
        ...endpoint.headers,
      },
    },
    onAnswer,
  );
}

/** By events: an iterator would cost several promises for each of thousands of small answers. */
function read(incoming: IncomingMessage, maxBytes: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) reject(unavailable(`the answer is larger than ${maxBytes} bytes`));
      else chunks.push(chunk);
    });
    incoming.on('error', reject);
    incoming.on('close', () => {
      if (!incoming.complete) reject(new Error('the answer broke off'));
    });
    incoming.on('end', () => {
      const body = Buffer.concat(chunks, size).toString('utf8');
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
    });
  });
}

export function abortReason(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error('aborted');
}

function unavailable(message: string): SambandError {
  return new SambandError('KUBERNETES_UNAVAILABLE', `the Kubernetes API: ${message}`);
}
