export { createDataConverter, parseCodecKeys, type CodecKey } from './codec.js';
export type { TemporalAddress, TemporalTls } from './connect.js';
export { registerSearchAttributes } from './search-attributes.js';
export {
  connectTemporal,
  dirtySignal,
  type DirtyTarget,
  type TemporalClient,
  type TemporalOptions,
  type WorkflowDescription,
} from './temporal-client.js';
