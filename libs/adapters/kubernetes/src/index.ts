export { readServerFacts, type KubernetesOptions, type ServerFacts } from './connection.js';
export type { EventRecord } from './events.js';
export { createResourceStore, statusManager, type KubernetesStore } from './resource-store.js';
export type { ViewKind } from './kind-watch.js';
export { createResourceView, type LiveResourceView, type ResourceViewOptions } from './resource-view.js';
export type { ViewIndex } from './view-cache.js';
