import { envAddress, envFlag, envInteger, envList, envLogLevel, envPort } from '@samband/config';
import { cacheFolder } from '@samband/processes';
import { envCodecKeys } from '@samband/temporal';
import { z } from 'zod';

/** The worker's environment. */
export const workerConfig = z.object({
  KUBECONFIG: z
    .string()
    .optional()
    .describe('the path of a kubeconfig; inside a cluster leave it out and the pod’s account is used'),
  TEMPORAL_ADDRESS: envAddress()
    .default('127.0.0.1:7233')
    .describe('host:port of Temporal’s frontend, e.g. 127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default').describe('the Temporal namespace, e.g. default'),
  TEMPORAL_CODEC_KEYS: envCodecKeys(),
  SAMBAND_STATE_DIR: z
    .string()
    .describe('the folder that brokers live below, on a disk that keeps its files, e.g. /var/lib/samband'),
  SAMBAND_CACHE_DIR: z
    .string()
    .default(() => cacheFolder())
    .describe('the folder of what can be made again (git caches, class archives), e.g. /var/cache/samband'),
  ARTEMIS_HOME: z
    .string()
    .describe('the folder of an unpacked Apache ActiveMQ Artemis, e.g. /opt/apache-artemis'),
  SAMBAND_GIT_HOSTS: envList()
    .default([])
    .describe('the hosts that repositories may be on, comma-separated, e.g. github.com,git.example.com:8443'),
  SAMBAND_GIT_ALLOW_FILE: envFlag()
    .default(false)
    .describe(
      'true to read repositories by file:// of this machine; only where all who use it may read them',
    ),
  SAMBAND_GIT_CA_FILE: z
    .string()
    .optional()
    .describe('the path of a PEM file with the CAs that git servers are trusted by'),
  SAMBAND_WAIT_SECONDS: envInteger({ min: 5, max: 3_600 })
    .default(300)
    .describe('the seconds that a rollout waits for its objects before it turns back, e.g. 300'),
  SAMBAND_METRICS_PORT: envPort()
    .default(0)
    .describe('the TCP port of health and metrics on the loopback, e.g. 9090; 0 is none'),
  SAMBAND_LOG_LEVEL: envLogLevel().default('info').describe('debug, info, warn, error or silent'),
});

export type WorkerConfig = z.output<typeof workerConfig>;
