import { envParsed, Secret, type EnvField } from '@samband/config';
import { parseCodecKeys, type CodecKey } from './codec.js';

/** `TEMPORAL_CODEC_KEYS` of every process that talks to Temporal: they must agree, so they read it in one way. */
export function envCodecKeys(): EnvField<Secret<readonly CodecKey[]>> {
  return envParsed((text) => new Secret<readonly CodecKey[]>(parseCodecKeys(text))).describe(
    'the keys that payloads are encrypted with, as <id>:<32 bytes in base64>, comma-separated, the same in api, worker and controller',
  );
}
