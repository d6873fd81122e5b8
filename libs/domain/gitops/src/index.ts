export type * from './ports.js';
export {
  defaultManifestLimits,
  type ManifestDocument,
  type ManifestLimits,
  type ParsedManifests,
  type ParseOptions,
  type PathStep,
} from './manifest.js';
export { parseInSteps, parseManifests } from './parse-manifests.js';
export { ParsedFiles } from './parsed-files.js';
export {
  classOfProblems,
  problemAt,
  problemClasses,
  sortProblems,
  type Place,
  type ProblemCode,
  type WarningCode,
} from './problems.js';
export { nearestKind } from './left-out.js';
export { isUsuallyNamespaced } from './scope.js';
export { validateDocuments, type Validation, type ValidationContext } from './validate-documents.js';
export {
  findStrangers,
  isInventoried,
  isSameOwner,
  ownerOf,
  type Inventory,
  type LastGoodEntry,
  type LiveObjects,
  type Owner,
  type RemovalInput,
} from './ownership.js';
export {
  asApplied,
  planChanges,
  type Applied,
  type DeclaredEntry,
  type PlanEntry,
  type PlanInput,
  type RemovalEntry,
  type RolloutPlan,
} from './plan-changes.js';
export { askForConfirmation, judgeRemovals, type Confirmation, type GuardLimits } from './guard.js';
export { placeWithinKind, sortForApply, sortForRemoval, type Placed } from './order.js';
export { judgeQuota } from './judge-quota.js';
export { liesElsewhere, prospectOf, rightsKinds, type Brought, type Prospect } from './menders.js';
export {
  decideSource,
  yieldsToNewer,
  LATER_ATTEMPTS,
  type SourceDecision,
  type SourceSituation,
} from './decide-source.js';
export { ROLLOUT_HISTORY } from './rollout-history.js';
export {
  inOrder,
  rolloutCauses,
  type RolloutCause,
  type RolloutOrder,
  type RolloutView,
} from './rollout-order.js';
export {
  decodeSnapshot,
  encodeSnapshot,
  SNAPSHOT_CHUNK_BYTES,
  type DecodedSnapshot,
  type Snapshot,
  type SnapshotCodec,
  type SnapshotSeal,
} from './snapshot.js';
export { isDeclaredIn } from './compare.js';
export { differenceOf, withoutRewritten, type Difference } from './differences.js';
export { isHeal, type DriftToHeal } from './heal.js';
export { changedBy, isAppliedBy, type FieldPath } from './managers.js';
export { withoutServerFields } from './server-fields.js';
export { serverObjections, withoutFields, type ServerObjection } from './server-objections.js';
export {
  grants,
  isRbac,
  rightsOfRole,
  withManifests,
  type RbacObjects,
  type Right,
  type Subject,
} from './rbac.js';
export { sayAtRisk, type Holder } from './messages-at-risk.js';
