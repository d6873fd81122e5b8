import { z } from 'zod';
import { envAddress, envInteger, envLogLevel, envPort } from '@samband/config';
import { envCodecKeys } from '@samband/temporal';

/** The environment of the api, and the tree that the code sees. */
export const apiConfigSchema = z
  .object({
    SAMBAND_API_HOST: z
      .string()
      .default('127.0.0.1')
      .describe('the address to listen on, e.g. 127.0.0.1, or 0.0.0.0 in a container'),
    SAMBAND_API_PORT: envPort().default(8080).describe('the TCP port to listen on, e.g. 8080'),
    KUBECONFIG: z
      .string()
      .optional()
      .describe('the path of a kubeconfig; inside a cluster leave it out and the pod’s account is used'),
    TEMPORAL_ADDRESS: envAddress()
      .default('127.0.0.1:7233')
      .describe('host:port of Temporal’s frontend, e.g. 127.0.0.1:7233'),
    TEMPORAL_NAMESPACE: z.string().default('default').describe('the Temporal namespace, e.g. default'),
    TEMPORAL_CODEC_KEYS: envCodecKeys(),
    SAMBAND_WEBHOOK_RATE: envInteger({ min: 1, max: 600_000 })
      .default(120)
      .describe('the webhooks that one source may send each minute in the long run, e.g. 120'),
    SAMBAND_WEBHOOK_BURST: envInteger({ min: 1, max: 600_000 })
      .default(60)
      .describe('the webhooks that one source may send at once, e.g. 60'),
    SAMBAND_LOG_LEVEL: envLogLevel().default('info').describe('debug, info, warn, error or silent'),
  })
  .transform((env) => ({
    listen: { host: env.SAMBAND_API_HOST, port: env.SAMBAND_API_PORT },
    kubeconfig: env.KUBECONFIG,
    temporal: {
      address: env.TEMPORAL_ADDRESS,
      namespace: env.TEMPORAL_NAMESPACE,
      codecKeys: env.TEMPORAL_CODEC_KEYS.reveal(),
    },
    webhooks: { perMinute: env.SAMBAND_WEBHOOK_RATE, burst: env.SAMBAND_WEBHOOK_BURST },
    logLevel: env.SAMBAND_LOG_LEVEL,
  }));

export type ApiConfig = z.output<typeof apiConfigSchema>;
