export { addressSpaceWorkflow } from './address-space.workflow.js';
export { rolloutWorkflow } from './rollout.workflow.js';
export { sourceWorkflow } from './source.workflow.js';
