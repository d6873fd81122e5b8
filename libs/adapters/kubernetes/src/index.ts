export type { KubernetesOptions } from './connection.js';
export type { EventRecord } from './events.js';
export { createResourceStore, statusManager, type KubernetesStore } from './resource-store.js';
