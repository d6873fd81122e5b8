import type { Part, StackContext } from '../part.js';
import { answers } from '../probes.js';
import { app } from './app.js';

export function controller(context: StackContext): Part {
  const { kubeconfigs, ports } = context;
  return {
    name: 'controller',
    needs: ['resources', 'temporal'],
    ...app('controller', context),
    env: {
      SAMBAND_METRICS_PORT: String(ports.controllerMetrics),
      KUBECONFIG: kubeconfigs.controller,
      TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
      TEMPORAL_NAMESPACE: 'default',
    },
    ready: () => answers(ports.controllerMetrics, '/readyz'),
    graceMs: 5_000,
  };
}
