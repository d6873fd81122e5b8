import { setTimeout as sleep } from 'node:timers/promises';
import { SambandError } from '@samband/errors';
import type { ManagementPool } from './pool.js';
import { listAll, text, type Row } from './views.js';

const closingMs = 10_000;
const pollMs = 50;

/**
 * Stops the doors that tenants come in by, which closes their connections too, and waits until none is left: what they
 * had in hand is back in its queue then. Whatever they may do, and whoever they are; a broker that is started again has
 * its doors open.
 */
export async function shutOut(pool: ManagementPool, adminPort: number): Promise<void> {
  for (const door of ['amqp', 'amqps'] as const) await pool.invoke(`acceptor.${door}`, 'stop', []);
  const deadline = performance.now() + closingMs;
  const isTheirs = (row: Row): boolean => !text(row, 'localAddress').endsWith(`:${adminPort}`);
  for (;;) {
    const left = (await listAll(pool, 'listConnections', 'connectionID')).filter(isTheirs);
    if (left.length === 0) return;
    if (performance.now() > deadline)
      throw new SambandError('BROKER_UNAVAILABLE', `${left.length} connections of clients do not end`);
    await sleep(pollMs);
  }
}
