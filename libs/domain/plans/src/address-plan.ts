import {
  addressPlanSpec,
  addressSpacePlanSpec,
  type AddressPlan,
  type AddressPlanSpec,
  type AddressSpaceType,
  type AddressType,
} from '@samband/resources';
import type { PlanCatalog } from './catalog.js';
import { toMicroCredits } from './credits.js';
import { verdictOf, type Fault, type PlanVerdict } from './verdict.js';

/** Address types that each type of address space serves. */
export const servedAddressTypes: Readonly<Record<AddressSpaceType, readonly AddressType[]>> = {
  standard: ['deadletter', 'anycast', 'multicast', 'queue', 'topic', 'subscription'],
  brokered: ['deadletter', 'queue', 'topic', 'subscription'],
};

/**
 * Whether addresses can use a plan. The types of space that it must suit are those of the address space plans
 * that list it; while none does, it is `Pending`: nobody can choose it.
 */
export function judgeAddressPlan(plan: AddressPlan, catalog: PlanCatalog): PlanVerdict {
  const { name } = plan.metadata;
  const types = new Set<AddressSpaceType>();
  for (const spacePlan of catalog.addressSpacePlans.values()) {
    const spec = addressSpacePlanSpec(spacePlan);
    if (spec.addressPlans.includes(name)) types.add(spec.addressSpaceType);
  }
  const faults = [...types].flatMap((type) => addressPlanFaults(plan, type));
  if (types.size === 0 && commonFaults(plan).length === 0) {
    return {
      phase: 'Pending',
      reason: 'NotReferenced',
      message: `no AddressSpacePlan lists the address plan ${name}, so nobody can use it`,
    };
  }
  return verdictOf(types.size === 0 ? commonFaults(plan) : unique(faults));
}

/** What speaks against a plan in spaces of one type. */
export function addressPlanFaults(plan: AddressPlan, spaceType: AddressSpaceType): Fault[] {
  const { name } = plan.metadata;
  const spec = addressPlanSpec(plan);
  const faults = commonFaults(plan);
  if (!servedAddressTypes[spaceType].includes(spec.addressType)) {
    faults.push({
      reason: 'Unsupported',
      message: `address plan ${name}: addresses of type ${spec.addressType} do not exist in ${spaceType} spaces`,
    });
    return faults;
  }
  for (const resource of requiredResources(spec.addressType, spaceType)) {
    if (spec.resources?.[resource] === undefined) {
      faults.push({
        reason: 'MissingResources',
        message: `address plan ${name}: resources.${resource} is required for type ${spec.addressType} in ${spaceType} spaces`,
      });
    }
  }
  return faults;
}

/** Resources that a plan must give a credit for. */
function requiredResources(type: AddressType, spaceType: AddressSpaceType): ('router' | 'broker')[] {
  if (type === 'deadletter') return [];
  if (spaceType === 'brokered') return ['broker'];
  return type === 'anycast' || type === 'multicast' ? ['router'] : ['router', 'broker'];
}

/** What speaks against a plan wherever it is used. */
function commonFaults(plan: AddressPlan): Fault[] {
  const { name } = plan.metadata;
  const spec = addressPlanSpec(plan);
  const faults: Fault[] = [];
  for (const resource of ['router', 'broker'] as const) {
    const credit = spec.resources?.[resource];
    if (credit !== undefined && toMicroCredits(credit) === undefined) {
      faults.push({
        reason: 'Invalid',
        message: `address plan ${name}: resources.${resource} must be a credit of at most six decimal places, not ${credit}`,
      });
    }
  }
  if (isPartitionedInVain(spec)) {
    faults.push({
      reason: 'Invalid',
      message: `address plan ${name}: only queues can have more than one partition`,
    });
  }
  return faults;
}

function isPartitionedInVain({ partitions, addressType }: AddressPlanSpec): boolean {
  return partitions !== undefined && partitions > 1 && addressType !== 'queue';
}

function unique(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.map((fault) => [fault.message, fault])).values()];
}
