import type { Connection } from './connection.js';
import { exchange } from './exchange.js';

const timeoutMs = 5000;

/**
 * Whether the API server knows who has which rights. One that starts denies everything, politely and for good,
 * until it has read the roles. `/readyz` says when it has: a ClusterRole that every cluster has,
 * `system:public-info-viewer`, lets everybody ask, so that a denial of that, too, means that it has not. The answer
 * is not kept: a server that is started again denies within 150 ms of the end of the one before.
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
    // 404: something in front of it keeps that path to itself, and then it cannot be asked.
    return status === 200 || status === 404;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}
