export { canonicalJson } from './canonical-json.js';
export { changesWhatIsWanted } from './changes.js';
export {
  conditionTypes,
  findCondition,
  reasons,
  setCondition,
  setStanding,
  type Judgement,
  type Reason,
} from './conditions.js';
export { parseGoDuration } from './duration.js';
export { harmless } from './harmless.js';
export type { KindDefinition, PrinterColumn } from './kind.js';
export {
  addressKind,
  addressPhases,
  addressSchema,
  addressTypes,
  type Address,
  type AddressPhase,
  type AddressSpec,
  type AddressStatus,
  type AddressType,
  type MessageRedelivery,
  type MessageTtl,
} from './kinds/address.js';
export {
  addressPlanKind,
  addressPlanSchema,
  addressPlanSpec,
  type AddressPlan,
  type AddressPlanSpec,
} from './kinds/address-plan.js';
export {
  addressSpaceKind,
  addressSpaceSchema,
  addressSpaceTypes,
  certificateProviders,
  type AddressSpace,
  bundleSecretOf,
  type AddressSpaceEndpoint,
  type AddressSpaceSpec,
  type AddressSpaceType,
  type CertificateProvider,
} from './kinds/address-space.js';
export {
  addressSpacePhases,
  exportKinds,
  type AddressSpacePhase,
  type AddressSpaceStatus,
  type ExportKind,
  type ClientSubscriptions,
  type ParkedAddress,
} from './kinds/address-space-status.js';
export {
  addressSpacePlanKind,
  addressSpacePlanSchema,
  addressSpacePlanSpec,
  planPhases,
  type AddressSpacePlan,
  type AddressSpacePlanSpec,
  type PlanPhase,
  type PlanStatus,
} from './kinds/address-space-plan.js';
export {
  addressSpaceSchemaKind,
  addressSpaceSchemaSchema,
  type AddressSpaceSchema,
  type AddressSpaceSchemaSpec,
} from './kinds/address-space-schema.js';
export {
  authenticationServiceKind,
  authenticationServiceSchema,
  type AuthenticationService,
  type AuthenticationServiceSpec,
  type AuthenticationServiceStatus,
  type AuthenticationServiceType,
} from './kinds/authentication-service.js';
export {
  brokeredInfraConfigKind,
  brokeredInfraConfigSchema,
  type AddressFullPolicy,
  type BrokeredInfraConfig,
  type BrokeredInfraConfigSpec,
} from './kinds/brokered-infra-config.js';
export {
  COMMIT_PATTERN,
  driftModeOf,
  driftModes,
  GIT_INTERVAL_BOUNDS,
  GIT_SOURCE_NAME_MAX,
  gitProviders,
  gitSourceKind,
  gitSourceSchema,
  gitSourceSettings,
  type DriftMode,
  type GitProvider,
  type GitSource,
  type GitSourceSettings,
  type GitSourceSpec,
  type GitSourceStatus,
} from './kinds/git-source.js';
export {
  messagingUserKind,
  messagingUserSchema,
  generatedSecretName,
  passwordSource,
  userOperations,
  userPhases,
  type MessagingUser,
  type MessagingUserSpec,
  type MessagingUserStatus,
  type PasswordSource,
  type UserAuthorization,
  type UserPhase,
} from './kinds/messaging-user.js';
export {
  parkedSpaceKind,
  parkedSpaceSchema,
  type ParkedSpace,
  type ParkedSpaceStatus,
} from './kinds/parked-space.js';
export {
  isFinished,
  MAX_PLAN_ENTRIES,
  MAX_PROBLEMS,
  MAX_WARNINGS,
  rolloutActions,
  rolloutKind,
  rolloutPhases,
  rolloutSchema,
  rolloutStepPhases,
  type Rollout,
  type RolloutPhase,
  type RolloutPlanEntry,
  type RolloutProblem,
  type RolloutSpec,
  type RolloutStatus,
  type RolloutStep,
  type RolloutStepPhase,
} from './kinds/rollout.js';
export {
  standardInfraConfigKind,
  standardInfraConfigSchema,
  type StandardInfraConfig,
  type StandardInfraConfigSpec,
} from './kinds/standard-infra-config.js';
export {
  annotations,
  commitLabel,
  EXPORT_SERVICE_ACCOUNT,
  finalizers,
  INFRA_NAMESPACE,
  infraUuid,
  labels,
  requestAnnotations,
  rolloutName,
  searchAttributes,
  serviceAccountGroups,
  serviceAccountUser,
  spaceOfAddress,
} from './names.js';
export {
  describeRef,
  keyOf,
  refKey,
  refOf,
  type Condition,
  type KubeObject,
  type ObjectMeta,
  type ObjectRef,
  type OwnerReference,
} from './object.js';
export { changeIssues, parseObject, type Parsed, type UnknownField } from './parse.js';
export { passwordFault, withoutLineEnd } from './password.js';
export { parseBrokerSize, parseBytes } from './quantity.js';
export {
  isOfKind,
  kindNames,
  kindRef,
  kinds,
  operatorKinds,
  ourKind,
  replacementVersion,
  type KindName,
  type Kinds,
} from './registry.js';
export type { Issue, Rule } from './rule.js';
export { secretData, secretText, textOfBase64, toBase64 } from './secret-data.js';
export type * from './store.js';
export { idleFields, setFieldsIgnored, type IdleField } from './without-effect.js';
