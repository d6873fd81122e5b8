import { readConfigOrExit } from '@samband/config';
import { createLogger } from '@samband/observability';
import { workerConfig } from './config.js';
import { runWorker } from './run-worker.js';

const config = readConfigOrExit(workerConfig);
const logger = createLogger({ name: 'worker', level: config.SAMBAND_LOG_LEVEL });
try {
  await runWorker(config, logger);
} catch (error) {
  logger.error('the worker ended', { error });
  process.exitCode = 1;
}
