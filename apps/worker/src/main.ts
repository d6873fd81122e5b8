import { setFlagsFromString } from 'node:v8';
import { readConfigOrExit } from '@samband/config';
import { createLogger } from '@samband/observability';
import { workerConfig } from './config.js';
import { runWorker } from './run-worker.js';

// Before V8 collects garbage it lets a heap grow to several times what is alive. With ten thousand addresses that is
// 150 MB more at the peak, and saves no time that can be measured.
setFlagsFromString('--heap-growing-percent=40');

const config = readConfigOrExit(workerConfig);
const logger = createLogger({ name: 'worker', level: config.SAMBAND_LOG_LEVEL });
try {
  await runWorker(config, logger);
} catch (error) {
  logger.error('the worker ended', { error });
  process.exitCode = 1;
}
