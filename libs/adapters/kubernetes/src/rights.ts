import type { Connection } from './connection.js';
import { exchange } from './exchange.js';

const timeoutMs = 5000;

/**
 * Whether the API server knows who has which rights. One that starts denies everything, politely and for good,
 * until it has read the roles; `/readyz`, which everybody may ask, says when it has. The answer is not kept: a
 * server that is started again denies within 150 ms of the end of the one before.
 */
export async function knowsRights(connection: Connection, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    const { status } = await exchange(await connection.endpoint(), {
      method: 'GET',
      path: '/readyz',
      timeoutMs,
      maxBytes: 64 << 10,
      signal,
    });
    // Something in front of it may keep that path to itself, and then it cannot be asked.
    return status < 500;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}
