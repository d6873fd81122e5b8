import { envAddress, envLogLevel, envPort, envSecret } from '@samband/config';
import { z } from 'zod';

/** The controller's environment. */
export const controllerConfig = z.object({
  KUBECONFIG: z.string().min(1).optional(),
  TEMPORAL_ADDRESS: envAddress()
    .default('127.0.0.1:7233')
    .describe('the address of Temporal, e.g. 127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  /** The same as the workers': inputs of workflows that this process starts are encrypted with the first. */
  TEMPORAL_CODEC_KEYS: envSecret().optional(),
  /** Loopback; 0: none. */
  SAMBAND_METRICS_PORT: envPort().default(0),
  SAMBAND_LOG_LEVEL: envLogLevel().default('info'),
});

export type ControllerConfig = z.output<typeof controllerConfig>;
