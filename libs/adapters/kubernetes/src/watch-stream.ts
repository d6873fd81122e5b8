import { SambandError } from '@samband/errors';
import type { Endpoint } from './connection.js';
import { target } from './exchange.js';

export interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

export interface WatchRequest {
  readonly path: string;
  readonly accept: string;
  /** Milliseconds of silence after which the connection counts as dead; bookmarks come about every minute. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
  /** Called when the server has accepted the watch. */
  readonly onOpen: () => void;
}

export interface WatchEnd {
  readonly status: number;
}

const connectTimeoutMs = 15_000;
const maxLineBytes = 16 << 20;

/**
 * Reads one watch until the server ends it. Rejects when the connection breaks, is silent for too long, or
 * sends something that is no event.
 *
 * @returns the status when the server refused the watch, else 200
 */
export async function readWatch(
  endpoint: Endpoint,
  request: WatchRequest,
  onEvent: (event: WatchEvent) => void,
): Promise<WatchEnd> {
  const { path, accept, signal } = request;
  const { statusCode: status, body } = await endpoint.dispatcher.request({
    ...target(endpoint, { method: 'GET', path, headers: { accept } }),
    headersTimeout: connectTimeoutMs,
    bodyTimeout: request.idleMs,
    signal,
  });
  try {
    if (status !== 200) return { status };
    request.onOpen();
    for await (const line of lines(body)) onEvent(parse(line));
    return { status };
  } finally {
    body.on('error', () => undefined).destroy();
  }
}

async function* lines(incoming: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, end));
      yield Buffer.concat(parts).toString('utf8');
      parts = [];
      size = 0;
      from = end + 1;
    }
    if (from < chunk.length) {
      parts.push(chunk.subarray(from));
      size += chunk.length - from;
      if (size > maxLineBytes)
        throw new SambandError('KUBERNETES_UNAVAILABLE', 'an event of a watch is too large');
    }
  }
}

function parse(line: string): WatchEvent {
  try {
    const { type, object } = JSON.parse(line) as { type?: unknown; object?: unknown };
    if (typeof type === 'string') return { type, object };
  } catch {
    // The parser's message would quote the object.
  }
  throw new SambandError('KUBERNETES_UNAVAILABLE', 'a watch sent something that is no event');
}
