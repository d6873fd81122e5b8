export {
  addressSpaceWorkflowId,
  queries,
  rolloutWorkflowId,
  searchAttributes,
  signals,
  sourceWorkflowId,
  taskQueues,
  workflowTypes,
  type EntityRef,
} from './names.js';
export { workflowOf, type EntityKind, type EntityWorkflow } from './workflow-of.js';
export { timelineLimit, type TimelineEntry } from './timeline.js';
export type { Failure } from './failure.js';
export type {
  SpaceActivities,
  SpaceAssessment,
  SpaceReport,
  SpaceRun,
  SyncCounts,
  UserCounts,
} from './space.js';
export type {
  PlanOutcome,
  RecordOutcome,
  RolloutActivities,
  RolloutPhase,
  RolloutPlanSummary,
  RolloutRecord,
  RolloutRequests,
  RolloutState,
  RolloutStep,
  TouchedSpace,
  WayBack,
} from './rollout.js';
export type { LookReason, SourceActivities, SourceAssessment } from './source.js';
