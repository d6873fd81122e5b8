import { envAddress, envLogLevel, envPort } from '@samband/config';
import { envCodecKeys } from '@samband/temporal';
import { z } from 'zod';

/** The controller's environment. */
export const controllerConfig = z.object({
  KUBECONFIG: z
    .string()
    .optional()
    .describe('the path of a kubeconfig; inside a cluster leave it out and the pod’s account is used'),
  TEMPORAL_ADDRESS: envAddress()
    .default('127.0.0.1:7233')
    .describe('host:port of Temporal’s frontend, e.g. 127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default').describe('the Temporal namespace, e.g. default'),
  /** Inputs of workflows that this process starts are encrypted with the first. */
  TEMPORAL_CODEC_KEYS: envCodecKeys(),
  SAMBAND_METRICS_PORT: envPort()
    .default(0)
    .describe('the TCP port of health and metrics on the loopback, e.g. 9090; 0 is none'),
  SAMBAND_LOG_LEVEL: envLogLevel().default('info').describe('debug, info, warn, error or silent'),
});

export type ControllerConfig = z.output<typeof controllerConfig>;
