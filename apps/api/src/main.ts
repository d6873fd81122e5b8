import { readConfigOrExit } from '@samband/config';
import { createLogger, createMetrics } from '@samband/observability';
import { apiConfigSchema } from './config.js';
import { connectKubernetes } from './connect-kubernetes.js';
import { connectToTemporal } from './connect-temporal.js';
import { createApp } from './create-app.js';
import { StartLooks } from './inbox/start-looks.js';
import { systemClock } from './ports.js';

const config = readConfigOrExit(apiConfigSchema);
const logger = createLogger({ name: 'api', level: config.logLevel });

try {
  const kubernetes = await connectKubernetes(config, logger);
  const temporal = connectToTemporal(config.temporal);
  const app = await createApp({
    kubernetes: kubernetes.kubernetes,
    resources: kubernetes.resources,
    signalSource: temporal.signalSource,
    checks: [
      { name: 'kubernetes', required: true, check: () => kubernetes.check() },
      { name: 'temporal', required: false, check: () => temporal.check() },
    ],
    logger,
    metrics: createMetrics({ process: 'api' }),
    clock: systemClock,
    webhooks: config.webhooks,
    async close() {
      kubernetes.close();
      await temporal.close();
    },
  });
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  await app.listen(config.listen.port, config.listen.host);
  logger.info('listening', { url: await app.getUrl() });
  await app.get(StartLooks).run();
} catch (error) {
  logger.error('The api cannot start', { error });
  process.exit(1);
}
