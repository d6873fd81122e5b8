import { readConfigOrExit } from '@samband/config';
import { signals, workflowOf } from '@samband/contract';
import { createResourceStore, createResourceView } from '@samband/kubernetes';
import { createLogger, createMetrics, createReadiness, serveHealth } from '@samband/observability';
import { connectTemporal } from '@samband/temporal';
import { controllerConfig } from './config.js';
import { startController } from './controller.js';
import { exportKinds, indexes, secretKind, watchedKinds } from './watched.js';

const config = readConfigOrExit(controllerConfig);
const logger = createLogger({ name: 'controller', level: config.SAMBAND_LOG_LEVEL });
const metrics = createMetrics({ process: 'controller' });
const sent = metrics.counter({
  name: 'signals_total',
  help: 'Signals sent to workflows, by kind and outcome.',
  labels: ['kind', 'outcome'],
});

const kubernetes = config.KUBECONFIG === undefined ? {} : { kubeconfig: config.KUBECONFIG };
const store = createResourceStore(kubernetes);
const onError = (what: string, error: unknown): void => {
  logger.warn(what, { error });
};
const view = await createResourceView(kubernetes, {
  kinds: watchedKinds,
  indexes,
  onError,
});
// Apart from the others: a controller that may not watch these does everything else.
const secrets = await createResourceView(kubernetes, { kinds: [secretKind], onError });
const exports = await createResourceView(kubernetes, { kinds: exportKinds, onError });
const temporal = connectTemporal({
  address: config.TEMPORAL_ADDRESS,
  namespace: config.TEMPORAL_NAMESPACE,
  codecKeys: config.TEMPORAL_CODEC_KEYS.reveal(),
});

const controller = startController({
  view,
  secrets,
  exports,
  store,
  logger,
  signals: {
    send: (target) => {
      const workflow = workflowOf(target.kind, target);
      return target.isGone === true
        ? temporal.tell(signals.dirty, workflow.workflowId)
        : temporal.signal(signals.dirty, workflow);
    },
    running: async () => {
      const ids = await temporal.running();
      return (target) => ids.has(workflowOf(target.kind, target).workflowId);
    },
    isRunning: async (target) =>
      (await temporal.describe(workflowOf(target.kind, target).workflowId))?.status === 'RUNNING',
  },
  onSignal: ({ kind }, outcome) => {
    sent.increment({ kind, outcome });
  },
});
metrics.gauge({ name: 'signals_due', help: 'Signals not sent yet.', read: () => controller.due });

const health =
  config.SAMBAND_METRICS_PORT === 0
    ? undefined
    : await serveHealth({
        port: config.SAMBAND_METRICS_PORT,
        metrics,
        ready: createReadiness([
          { name: 'kubernetes', required: true, check: watchesWork },
          { name: 'temporal', required: false, check: () => temporal.check() },
        ]),
      });

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    logger.info('stopping', { signal });
    void stop();
  });
}

async function watchesWork(): Promise<void> {
  await view.ready;
  const broken = view.disconnected();
  if (broken.length > 0) throw new Error(`no watch of ${broken.join(', ')}`);
}

async function stop(): Promise<void> {
  await controller.stop();
  view.stop();
  secrets.stop();
  exports.stop();
  store.close();
  await temporal.close();
  await health?.close();
}
