import type { Part, StackContext } from '../part.js';
import { answers } from '../probes.js';
import { app } from './app.js';

export function api(context: StackContext): Part {
  const { kubeconfigs, ports } = context;
  return {
    name: 'api',
    needs: ['resources', 'temporal'],
    ...app('api', context),
    env: {
      SAMBAND_API_HOST: '127.0.0.1',
      SAMBAND_API_PORT: String(ports.api),
      KUBECONFIG: kubeconfigs.api,
      TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
      TEMPORAL_NAMESPACE: 'default',
    },
    ready: () => answers(ports.api, '/readyz'),
    graceMs: 5_000,
  };
}
