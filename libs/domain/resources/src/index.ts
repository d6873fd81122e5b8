export { describeRef, refKey, refOf, type Condition, type KubeObject, type ObjectMeta, type ObjectRef, type OwnerReference } from './object.js';
export type * from './store.js';
