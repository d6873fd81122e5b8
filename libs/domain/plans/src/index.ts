export { addressPlanFaults, judgeAddressPlan, servedAddressTypes } from './address-plan.js';
export { addressSpacePlanFaults, judgeAddressSpacePlan } from './address-space-plan.js';
export {
  addressMaxBytes,
  brokerSizing,
  queuesIn,
  type BrokerSizing,
  type SizingResult,
} from './broker-sizing.js';
export { planCatalog, type PlanCatalog } from './catalog.js';
export { formatCredits, MICROS_PER_CREDIT, toMicroCredits } from './credits.js';
export { effectiveRedelivery, effectiveTtl } from './effective.js';
export { screenJavaOptions, type ScreenedOptions } from './java-options.js';
export { offerOf } from './offer.js';
export { judgeQuota, type QuotaEntry, type QuotaVerdict, type Refusal, type SpaceLimits } from './quota.js';
export {
  resolveAddressPlan,
  resolveSpacePlan,
  type Resolved,
  type ResolvedAddressPlan,
  type ResolvedSpacePlan,
} from './resolve.js';
export { planStatus, verdictOf, type Fault, type PlanVerdict } from './verdict.js';
