import { SambandError } from '@samband/errors';
import { deadLetterAddress } from '../names.js';
import type { ManagementPool } from './pool.js';

/**
 * Gives rejected messages back to the queues they came from. Brokers from before `TeamQueue` put them where no team can
 * reach them. What has no queue any more stays, and so does everything while the broker is full.
 */
export async function returnDeadLetters(pool: ManagementPool): Promise<void> {
  const queue = `queue.${deadLetterAddress}`;
  if (Number(await pool.attribute(queue, 'MessageCount')) === 0) return;
  try {
    await pool.invoke(queue, 'retryMessages', []);
  } catch (error) {
    if (!(error instanceof SambandError && error.code === 'BROKER_REFUSED')) throw error;
  }
}
