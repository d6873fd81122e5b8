import type { Part, StackContext } from '../part.js';
import { answers } from '../probes.js';
import { app } from './app.js';

/** Runs the workflows, and the brokers of this machine: those are its children, but outlive it. */
export function worker(context: StackContext): Part {
  const { binaries, env, kubeconfigs, ports, state } = context;
  return {
    name: 'worker',
    needs: ['resources', 'temporal'],
    ...app('worker', context),
    env: {
      SAMBAND_METRICS_PORT: String(ports.workerMetrics),
      SAMBAND_STATE_DIR: state.root,
      SAMBAND_CACHE_DIR: binaries.cache,
      SAMBAND_GIT_ALLOW_FILE: 'true',
      SAMBAND_GIT_HOSTS: env['SAMBAND_GIT_HOSTS'] ?? '',
      ARTEMIS_HOME: binaries.artemisHome,
      KUBECONFIG: kubeconfigs.worker,
      TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
      TEMPORAL_NAMESPACE: 'default',
    },
    ready: () => answers(ports.workerMetrics, '/readyz'),
    yields: true,
    graceMs: 8_000,
  };
}
