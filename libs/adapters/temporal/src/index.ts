export { createDataConverter, type CodecKey } from './codec.js';
export type { TemporalAddress } from './connect.js';
export { envCodecKeys } from './env-codec-keys.js';
export { registerSearchAttributes } from './search-attributes.js';
export { createSignalQueue, type SignalQueue, type SignalQueueOptions } from './signal-queue.js';
export {
  connectTemporal,
  type SignalTarget,
  type TemporalClient,
  type TemporalOptions,
  type WorkflowDescription,
} from './temporal-client.js';
