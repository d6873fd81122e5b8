import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createDataConverter } from '@samband/temporal';
import type { Logger } from '@samband/observability';
import { payloadKeys, type WorkerConfig } from './config.js';

export interface Queue {
  readonly taskQueue: string;
  readonly runsWorkflows: boolean;
  readonly activities: object;
}

const retryMs = 1_000;

/** Polls the queues until SIGTERM or SIGINT. A Temporal that is not there yet is waited for. */
export async function runTemporalWorkers(
  config: WorkerConfig,
  logger: Logger,
  queues: readonly Queue[],
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
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(import.meta.resolve('@samband/workflows')),
    logger: new DefaultLogger('ERROR'),
  });
  const stopped = (): boolean => stop.signal.aborted;
  while (!stopped()) {
    try {
      const connection = await NativeConnection.connect({ address: config.TEMPORAL_ADDRESS });
      const workers = await Promise.all(
        queues.map(({ taskQueue, runsWorkflows, activities }) =>
          Worker.create({
            connection,
            namespace: config.TEMPORAL_NAMESPACE,
            taskQueue,
            activities,
            ...(runsWorkflows ? { workflowBundle } : {}),
            dataConverter: createDataConverter(payloadKeys(config)),
            maxConcurrentActivityTaskExecutions: 100,
            maxCachedWorkflows: 500,
            shutdownGraceTime: '2s',
            shutdownForceTime: '8s',
          }),
        ),
      );
      stop.signal.addEventListener('abort', () => {
        for (const worker of workers) worker.shutdown();
      });
      logger.info('ready', { queues: queues.map(({ taskQueue }) => taskQueue) });
      await Promise.all(workers.map((worker) => worker.run()));
      await connection.close();
    } catch (error) {
      if (stopped()) return;
      logger.warn('Temporal does not answer; trying again', { error });
      await pause(retryMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  }
}
