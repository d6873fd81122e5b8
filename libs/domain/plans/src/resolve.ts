import {
  addressPlanSpec,
  addressSpacePlanSpec,
  type AddressPlanSpec,
  type AddressSpaceType,
  type AddressType,
  type Reason,
} from '@samband/resources';
import { addressSpacePlanFaults } from './address-space-plan.js';
import { brokerSizing, type BrokerSizing } from './broker-sizing.js';
import type { PlanCatalog } from './catalog.js';
import { toMicroCredits } from './credits.js';
import { verdictOf } from './verdict.js';

/** A usable plan of an address space, with everything it refers to. */
export interface ResolvedSpacePlan {
  readonly name: string;
  readonly type: AddressSpaceType;
  readonly infraConfig: string;
  /** Millionths of a credit; `undefined` where the type of space has no such limit. */
  readonly limits: {
    readonly broker: number | undefined;
    readonly router: number | undefined;
    readonly aggregate: number | undefined;
  };
  /** Of brokered spaces. */
  readonly broker: BrokerSizing | undefined;
  readonly addressPlans: ReadonlyMap<string, ResolvedAddressPlan>;
}

/** A usable plan of an address. */
export interface ResolvedAddressPlan {
  readonly name: string;
  readonly type: AddressType;
  /** Millionths of a credit. */
  readonly brokerMicros: number;
  readonly routerMicros: number;
  readonly partitions: number;
  readonly messageTtl: AddressPlanSpec['messageTtl'];
  readonly messageRedelivery: AddressPlanSpec['messageRedelivery'];
}

export type Resolved<T> =
  | { readonly ok: true; readonly plan: T }
  | { readonly ok: false; readonly reason: Reason; readonly message: string };

/** The plan of an address space. Judged anew from what the catalog says, not from the plan's status. */
export function resolveSpacePlan(
  name: string,
  type: AddressSpaceType,
  catalog: PlanCatalog,
): Resolved<ResolvedSpacePlan> {
  const plan = catalog.addressSpacePlans.get(name);
  if (plan === undefined) {
    return { ok: false, reason: 'UnknownPlan', message: `address space plan ${name} does not exist` };
  }
  const spec = addressSpacePlanSpec(plan);
  if (spec.addressSpaceType !== type) {
    const message = `address space plan ${name} is for ${spec.addressSpaceType} spaces, not for ${type} ones`;
    return { ok: false, reason: 'PlanNotAllowed', message };
  }
  const verdict = verdictOf(addressSpacePlanFaults(plan, catalog));
  if (verdict.phase !== 'Active') {
    const message = `address space plan ${name} cannot be used: ${verdict.message}`;
    return { ok: false, reason: 'PlanFailed', message };
  }
  const { broker, router, aggregate } = spec.resourceLimits;
  return {
    ok: true,
    plan: {
      name,
      type,
      infraConfig: spec.infraConfigRef,
      limits: { broker: micros(broker), router: micros(router), aggregate: micros(aggregate) },
      broker: type === 'brokered' ? sizingOf(spec.infraConfigRef, catalog) : undefined,
      addressPlans: new Map(
        spec.addressPlans.flatMap((planName) => {
          const addressPlan = catalog.addressPlans.get(planName);
          return addressPlan === undefined
            ? []
            : [[planName, resolvedAddressPlan(planName, addressPlanSpec(addressPlan))] as const];
        }),
      ),
    },
  };
}

/**
 * The plan of an address in a space. O(1): everything was looked up when the space's plan was.
 * @param catalog only to tell a plan that does not exist from one that is not allowed here
 */
export function resolveAddressPlan(
  name: string,
  type: AddressType,
  space: ResolvedSpacePlan,
  catalog: PlanCatalog,
): Resolved<ResolvedAddressPlan> {
  const plan = space.addressPlans.get(name);
  if (plan === undefined) {
    if (!catalog.addressPlans.has(name)) {
      return { ok: false, reason: 'UnknownPlan', message: `address plan ${name} does not exist` };
    }
    const message = `address plan ${name} is not among those of the address space plan ${space.name}`;
    return { ok: false, reason: 'PlanNotAllowed', message };
  }
  if (plan.type !== type) {
    const message = `address plan ${name} is for addresses of type ${plan.type}, not ${type}`;
    return { ok: false, reason: 'PlanNotAllowed', message };
  }
  return { ok: true, plan };
}

function resolvedAddressPlan(name: string, spec: AddressPlanSpec): ResolvedAddressPlan {
  return {
    name,
    type: spec.addressType,
    brokerMicros: micros(spec.resources?.broker) ?? 0,
    routerMicros: micros(spec.resources?.router) ?? 0,
    partitions: Math.max(1, spec.partitions ?? 1),
    messageTtl: spec.messageTtl,
    messageRedelivery: spec.messageRedelivery,
  };
}

function micros(credit: number | undefined): number | undefined {
  return credit === undefined ? undefined : toMicroCredits(credit);
}

function sizingOf(name: string, catalog: PlanCatalog): BrokerSizing | undefined {
  const config = catalog.brokeredInfraConfigs.get(name);
  const result = config === undefined ? undefined : brokerSizing(config);
  return result?.ok === true ? result.sizing : undefined;
}
