export { createProcessRuntime, type ProcessRuntime, type ProcessRuntimeOptions } from './process-runtime.js';
export { listBrokers, stopAllBrokers, type ListedBroker } from './state.js';
