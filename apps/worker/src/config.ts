import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { parseCodecKeys, type CodecKey } from '@samband/temporal';
import { envAddress, envFlag, envInteger, envList, envLogLevel, envPort, envSecret } from '@samband/config';

/** The worker's environment. */
export const workerConfig = z.object({
  KUBECONFIG: z.string().min(1).optional(),
  TEMPORAL_ADDRESS: envAddress().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  /** `<id>:<32 bytes in base64>`, comma-separated, the first encrypts: payloads in Temporal are then unreadable. */
  TEMPORAL_CODEC_KEYS: envSecret().optional(),
  /** Brokers live below it: a disk that keeps its files. */
  SAMBAND_STATE_DIR: z.string().min(1),
  /** What can be made again: git caches, the class archive of brokers. */
  SAMBAND_CACHE_DIR: z.string().min(1).default(path.join(os.homedir(), '.cache/samband')),
  ARTEMIS_HOME: z.string().min(1),
  /** Hosts that repositories may be on. */
  SAMBAND_GIT_HOSTS: envList().default([]),
  SAMBAND_GIT_ALLOW_FILE: envFlag().default(false),
  SAMBAND_GIT_CA_FILE: z.string().min(1).optional(),
  /** Seconds that a rollout waits for its objects before it turns back. */
  SAMBAND_WAIT_SECONDS: envInteger({ min: 5, max: 3_600 }).default(300),
  SAMBAND_METRICS_PORT: envPort().default(0),
  SAMBAND_LOG_LEVEL: envLogLevel().default('info'),
});

export type WorkerConfig = z.output<typeof workerConfig>;

export function payloadKeys({ TEMPORAL_CODEC_KEYS }: WorkerConfig): CodecKey[] {
  return TEMPORAL_CODEC_KEYS === undefined ? [] : parseCodecKeys(TEMPORAL_CODEC_KEYS.reveal());
}
