import { setTimeout as pause } from 'node:timers/promises';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { createDataConverter } from '@samband/temporal';
import type { Logger } from '@samband/observability';
import { bundleWorkflows } from './bundle-workflows.js';
import type { WorkerConfig } from './config.js';
import { runTogether } from './run-together.js';

export interface Queue {
  readonly taskQueue: string;
  readonly runsWorkflows: boolean;
  readonly activities: object;
  /** Activities at once. */
  readonly slots: number;
  /** How soon a step hears that it is cancelled, which comes as the answer to a beat; else up to 24 s. */
  readonly hearsWithin?: '1s';
}

const retryMs = 1_000;

/**
 * Polls the queues until SIGTERM or SIGINT. A Temporal that is not there yet is waited for.
 * @param onPolling is told when polling begins and ends
 */
export async function runTemporalWorkers(
  config: WorkerConfig,
  logger: Logger,
  queues: readonly Queue[],
  onPolling: (isPolling: boolean) => void,
): Promise<void> {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      logger[level === 'ERROR' ? 'error' : 'warn'](message, { part: 'temporal', ...meta });
    }),
  });
  const stop = new AbortController();
  const onSignal = (): void => {
    stop.abort();
  };
  process.once('SIGTERM', onSignal);
  process.once('SIGINT', onSignal);
  const stopped = (): boolean => stop.signal.aborted;
  let workflowBundle: WorkflowBundle;
  try {
    workflowBundle = await bundleWorkflows(stop.signal);
  } catch (error) {
    if (stopped()) return;
    throw error;
  }
  while (!stopped()) {
    try {
      const connection = await NativeConnection.connect({ address: config.TEMPORAL_ADDRESS });
      try {
        const workers = await Promise.all(
          queues.map(({ taskQueue, runsWorkflows, activities, slots, hearsWithin }) =>
            Worker.create({
              connection,
              namespace: config.TEMPORAL_NAMESPACE,
              taskQueue,
              activities,
              ...(runsWorkflows ? { workflowBundle } : {}),
              dataConverter: createDataConverter(config.TEMPORAL_CODEC_KEYS.reveal()),
              maxConcurrentActivityTaskExecutions: slots,
              ...(hearsWithin === undefined ? {} : { maxHeartbeatThrottleInterval: hearsWithin }),
              maxCachedWorkflows: 500,
              shutdownGraceTime: '2s',
              shutdownForceTime: '8s',
            }),
          ),
        );
        logger.info('ready', { queues: queues.map(({ taskQueue }) => taskQueue) });
        onPolling(true);
        await runTogether(workers, stop.signal).finally(() => {
          onPolling(false);
        });
      } finally {
        // One that was made and never ran holds it for ever; what failed is worth more than that.
        await connection.close().catch((error: unknown) => {
          logger.warn('a connection to Temporal stays open', { error });
        });
      }
    } catch (error) {
      if (stopped()) return;
      logger.warn('Temporal does not answer; trying again', { error });
      await pause(retryMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  }
}
