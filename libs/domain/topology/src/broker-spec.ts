import type { ResolvedSpacePlan } from '@samband/plans';
import { canonicalJson } from '@samband/resources';
import { spaceDefaults } from './address-settings.js';
import type { BrokerSpec } from './ports.js';

export interface BrokerSpecInput {
  /** `infraUuid` of the space. */
  readonly id: string;
  readonly namespace: string;
  readonly space: string;
  /** Of a brokered space. */
  readonly plan: ResolvedSpacePlan & { readonly broker: NonNullable<ResolvedSpacePlan['broker']> };
  readonly authentication: BrokerSpec['authentication'];
}

/** How the broker of a brokered space shall run. Depends on the plan and its infra config, not on addresses. */
export function brokerSpec({ id, namespace, space, plan, authentication }: BrokerSpecInput): BrokerSpec {
  const { heapMiB, globalMaxBytes, addressFullPolicy, javaOptions } = plan.broker;
  return {
    id,
    namespace,
    space,
    heapMiB,
    globalMaxBytes,
    addressFullPolicy,
    javaOptions,
    defaults: spaceDefaults(plan),
    authentication,
  };
}

/** What to make a digest of, so that equal specs have equal digests. */
export function brokerSpecText(spec: BrokerSpec): string {
  return canonicalJson(spec);
}
