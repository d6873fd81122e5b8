import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  BrokerSessions,
  DriftWatch,
  SpaceRevisions,
  type EventRecorder,
  type Ports,
} from '@samband/activities';
import { createCertificates } from '@samband/certificates';
import { signals, workflowOf, type EntityRef } from '@samband/contract';
import { createGitRepository } from '@samband/git';
import { createResourceStore, createResourceView, readServerFacts } from '@samband/kubernetes';
import { createMetrics, createReadiness, serveHealth, type Logger } from '@samband/observability';
import { steadyNow } from '@samband/processes';
import { infraUuid, type KubeObject } from '@samband/resources';
import { createProcessRuntime } from '@samband/runtime';
import { connectTemporal, createSignalQueue } from '@samband/temporal';
import { keepBrokerToken } from './broker-token.js';
import { createBrokerPort } from './broker-port.js';
import type { WorkerConfig } from './config.js';
import { readHostId } from './host-id.js';
import { createQueues } from './queues.js';
import { viewedKinds, viewIndexes } from './resource-kinds.js';
import { runTemporalWorkers } from './temporal-workers.js';

/**
 * At one request, some 12 s. With the five attempts of an activity a rollout outlasts a minute without the Kubernetes
 * API; beyond that it is refused or goes back.
 */
const storeAttempts = 8;

/** Builds the real ports, then works until told to stop. Brokers go on when it ends. */
export async function runWorker(config: WorkerConfig, logger: Logger): Promise<void> {
  const kubernetes = config.KUBECONFIG === undefined ? {} : { kubeconfig: config.KUBECONFIG };
  const store = createResourceStore({ ...kubernetes, attempts: storeAttempts });
  const view = await createResourceView(kubernetes, {
    kinds: viewedKinds,
    indexes: viewIndexes,
    onError: (what, error) => {
      logger.warn(what, { error });
    },
  });
  await view.ready;
  const temporal = connectTemporal({
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    codecKeys: config.TEMPORAL_CODEC_KEYS.reveal(),
  });
  const dirtySpaces = createSignalQueue<EntityRef>({
    keyOf: ({ namespace, name }) => `${namespace}/${name}`,
    send: (space) => temporal.signal(signals.dirty, workflowOf('space', space)),
    onFailure: (space, error) => {
      logger.warn('a space could not be signalled, it is tried again', { ...space, error });
    },
  });
  const dirtySources = createSignalQueue<EntityRef>({
    keyOf: ({ namespace, name }) => `${namespace}/${name}`,
    send: (source) => temporal.signal(signals.dirty, workflowOf('source', source)),
    onFailure: (source, error) => {
      logger.warn('a source could not be signalled, it is tried again', { ...source, error });
    },
  });
  const token = await keepBrokerToken(store, {
    stateDir: config.SAMBAND_STATE_DIR,
    logger,
  });
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  // Whatever they are called.
  const spacesOf = (id: string): KubeObject[] =>
    view
      .list({ apiVersion: 'enmasse.io/v1beta1', kind: 'AddressSpace' })
      .filter(({ metadata: { namespace = '', name } }) => infraUuid(namespace, name, sha256) === id);
  /** Their workflow must look at the broker again. */
  const signalSpaceOf = (id: string): void => {
    for (const { metadata } of spacesOf(id))
      dirtySpaces.push({ namespace: metadata.namespace ?? '', name: metadata.name });
  };
  const events: EventRecorder = {
    record: async (object, type, reason, message) => {
      await store.recordEvent({ object, type, reason, message, component: 'samband-worker' });
    },
  };
  const runtime = createProcessRuntime({
    stateDir: config.SAMBAND_STATE_DIR,
    cacheDir: config.SAMBAND_CACHE_DIR,
    artemisHome: config.ARTEMIS_HOME,
    logger: logger.child({ part: 'runtime' }),
    kubernetes: { ...(await writeServerCa(config, token.tokenPath)), tokenPath: token.tokenPath },
    onDeath: signalSpaceOf,
    onRefusal: signalSpaceOf,
    onHang: async (id, what) => {
      for (const space of spacesOf(id))
        await events.record(space, 'Warning', 'BrokerRestarted', `${what}: the broker is started anew`);
    },
    onRestart: signalSpaceOf,
  });
  const ports: Ports = {
    store,
    view,
    git: createGitRepository({
      cacheDir: path.join(config.SAMBAND_CACHE_DIR, 'git'),
      allowFile: config.SAMBAND_GIT_ALLOW_FILE,
      allowedHosts: config.SAMBAND_GIT_HOSTS,
      ...(config.SAMBAND_GIT_CA_FILE === undefined ? {} : { caFile: config.SAMBAND_GIT_CA_FILE }),
    }),
    runtime,
    brokers: createBrokerPort(sha256),
    certificates: createCertificates(),
    events,
    logger,
    hostId: await readHostId(config.SAMBAND_STATE_DIR),
    workerId: randomBytes(9).toString('base64url'),
    waitSeconds: config.SAMBAND_WAIT_SECONDS,
    now: () => new Date(),
    steadyNow: () => new Date(steadyNow()),
    randomBytes: (count) => randomBytes(count),
    sha256,
  };
  const revisions = new SpaceRevisions(view, dirtySpaces.push);
  const watch = new DriftWatch(view, dirtySources.push);
  const sessions = new BrokerSessions(ports);
  const metrics = createMetrics({ process: 'worker' });
  let isPolling = false;
  const health =
    config.SAMBAND_METRICS_PORT === 0
      ? undefined
      : await serveHealth({
          port: config.SAMBAND_METRICS_PORT,
          metrics,
          ready: createReadiness([
            {
              name: 'kubernetes',
              required: true,
              check: () =>
                view.disconnected().length === 0
                  ? Promise.resolve()
                  : Promise.reject(new Error('watches are down')),
            },
            {
              name: 'temporal',
              required: true,
              check: () =>
                isPolling ? Promise.resolve() : Promise.reject(new Error('no task queue is polled')),
            },
          ]),
        });
  const stopSupervising = runtime.supervise();
  try {
    const queues = createQueues(ports, sessions, revisions, watch);
    await runTemporalWorkers(config, logger, queues, (now) => {
      isPolling = now;
    });
  } finally {
    await stopSupervising();
    token.stop();
    revisions.stop();
    dirtySpaces.stop();
    watch.stop();
    dirtySources.stop();
    await sessions.closeAll();
    view.stop();
    await health?.close();
    await dirtySpaces.ended();
    await dirtySources.ended();
    await temporal.close();
  }
}

/** Brokers read the API server's CA from a file. */
async function writeServerCa(
  config: WorkerConfig,
  tokenPath: string,
): Promise<{ host: string; port: number; caFile: string }> {
  const facts = readServerFacts(config.KUBECONFIG === undefined ? {} : { kubeconfig: config.KUBECONFIG });
  const caFile = path.join(path.dirname(tokenPath), 'ca.crt');
  await writeFile(caFile, facts.ca ?? '', { mode: 0o600 });
  return { host: facts.host, port: facts.port, caFile };
}
