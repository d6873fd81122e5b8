export {
  aBrokeredInfraConfig,
  aGitSource,
  aMessagingUser,
  anAddress,
  anAddressPlan,
  anAddressSpace,
  anAddressSpacePlan,
  anAuthenticationService,
  aRollout,
  type Given,
} from './builders.js';
export { kubernetesBinary, temporalBinary } from './binaries.js';
export { resourceStoreContract } from './contract/resource-store.contract.js';
export type { ContractCase, StoreUnderTest } from './contract/subject.js';
export { createControlPlaneCertificates, type ControlPlaneCertificates } from './certificates.js';
export { eventually, type EventuallyOptions } from './eventually.js';
export { startKube, type TestKube, type TestKubeOptions } from './kube.js';
export type { KubeRequest, KubeResponse } from './kube-requests.js';
export { Killed } from './memory/bulk-calls.js';
export {
  createMemoryStore,
  type May,
  type MemoryStore,
  type MemoryStoreOptions,
} from './memory/memory-store.js';
export { Lifetime, mortal, mortalStore } from './memory/lifetime.js';
export { createMemoryBroker, type MemoryBroker } from './memory/memory-broker.js';
export { createMemoryRuntime, type MemoryRuntime } from './memory/memory-runtime.js';
export { MemoryView } from './memory/memory-view.js';
export { freePorts } from './ports.js';
export { createProcessGroup, type ProcessGroup, type TestProcess } from './processes.js';
export {
  connectSubscriber,
  type Subscriber,
  type Subscription,
  type SubscriptionOptions,
} from './subscriber.js';
export {
  searchAttributeArguments,
  startTemporal,
  type TestTemporal,
  type TestTemporalOptions,
} from './temporal.js';
