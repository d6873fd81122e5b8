import { addressSpacePlanSpec, type AddressSpacePlan, type AddressSpacePlanSpec } from '@samband/resources';
import { addressPlanFaults } from './address-plan.js';
import { brokerSizing } from './broker-sizing.js';
import type { PlanCatalog } from './catalog.js';
import { toMicroCredits } from './credits.js';
import { verdictOf, type Fault, type PlanVerdict } from './verdict.js';

/** Whether address spaces can use a plan. */
export function judgeAddressSpacePlan(plan: AddressSpacePlan, catalog: PlanCatalog): PlanVerdict {
  return verdictOf(addressSpacePlanFaults(plan, catalog));
}

/** Everything that speaks against a plan, infrastructure first. */
export function addressSpacePlanFaults(plan: AddressSpacePlan, catalog: PlanCatalog): Fault[] {
  const spec = addressSpacePlanSpec(plan);
  return [
    ...infraFaults(spec, catalog),
    ...limitFaults(spec),
    ...spec.addressPlans.flatMap((name): Fault[] => {
      const addressPlan = catalog.addressPlans.get(name);
      if (addressPlan !== undefined) return addressPlanFaults(addressPlan, spec.addressSpaceType);
      return [{ reason: 'UnknownAddressPlan', message: `address plan ${name} does not exist` }];
    }),
  ];
}

function infraFaults(spec: AddressSpacePlanSpec, catalog: PlanCatalog): Fault[] {
  const { infraConfigRef: name, addressSpaceType } = spec;
  if (name === '') {
    const message = 'names no infra config (annotation enmasse.io/defined-by, or spec.infraConfigRef)';
    return [{ reason: 'UnknownInfraConfig', message }];
  }
  if (addressSpaceType === 'standard') {
    if (catalog.standardInfraConfigs.has(name)) return [];
    return [{ reason: 'UnknownInfraConfig', message: `StandardInfraConfig ${name} does not exist` }];
  }
  const config = catalog.brokeredInfraConfigs.get(name);
  if (config === undefined) {
    return [{ reason: 'UnknownInfraConfig', message: `BrokeredInfraConfig ${name} does not exist` }];
  }
  const result = brokerSizing(config);
  return result.ok ? [] : [...result.faults];
}

function limitFaults({ addressSpaceType, resourceLimits }: AddressSpacePlanSpec): Fault[] {
  const required = addressSpaceType === 'brokered' ? ['broker'] : ['broker', 'router', 'aggregate'];
  return (['broker', 'router', 'aggregate'] as const).flatMap((resource): Fault[] => {
    const limit = resourceLimits[resource];
    if (limit === undefined) {
      if (!required.includes(resource)) return [];
      const message = `resourceLimits.${resource} is required for ${addressSpaceType} spaces`;
      return [{ reason: 'MissingLimits', message }];
    }
    if (toMicroCredits(limit) !== undefined) return [];
    const message = `resourceLimits.${resource} must be a credit of at most six decimal places, not ${limit}`;
    return [{ reason: 'Invalid', message }];
  });
}
