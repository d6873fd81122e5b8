export { connect, type Client, type Endpoint, type Login } from './client.js';
export { conditionOf, Kube, patience, refTo, statusOf, type Kind } from './kube.js';
export { findLeaks } from './leaks.js';
export {
  address,
  configMap,
  exportRole,
  inline,
  maker,
  serviceAccountUser,
  space,
  user,
  type Grant,
} from './manifests.js';
export { offerPlans, operators, plans } from './plans.js';
export type { Files, Push, Repository } from './repository.js';
export { stateOf } from './snapshot.js';
export { seedsFolder, Stage } from './stage.js';
export { expectPhase, explain, Team, type TeamOptions } from './team.js';
export type { SignedPush } from './webhook.js';
