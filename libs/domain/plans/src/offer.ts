import {
  addressPlanSpec,
  addressSpacePlanSpec,
  type AddressPlanSpec,
  type AddressSpacePlanSpec,
  type AddressSpaceSchemaSpec,
  type AddressSpaceType,
} from '@samband/resources';
import { servedAddressTypes } from './address-plan.js';
import { judgeAddressSpacePlan } from './address-space-plan.js';
import type { PlanCatalog } from './catalog.js';

/**
 * What tenants can choose from in address spaces of one type, as the AddressSpaceSchema of that type tells them: plans
 * that can be used, in the order that operators gave them, and no others.
 *
 * @param authenticationServices names of those that can be used
 */
export function offerOf(
  spaceType: AddressSpaceType,
  catalog: PlanCatalog,
  authenticationServices: readonly string[],
): AddressSpaceSchemaSpec {
  const spacePlans = inOrder(
    [...catalog.addressSpacePlans.values()]
      .filter((plan) => judgeAddressSpacePlan(plan, catalog).phase === 'Active')
      .map((plan) => ({ name: plan.metadata.name, spec: addressSpacePlanSpec(plan) }))
      .filter(({ spec }) => spec.addressSpaceType === spaceType),
  );
  const listed = new Set(spacePlans.flatMap(({ spec }) => spec.addressPlans));
  const addressPlans = inOrder(
    [...catalog.addressPlans.values()]
      .filter(({ metadata }) => listed.has(metadata.name))
      .map((plan) => ({ name: plan.metadata.name, spec: addressPlanSpec(plan) })),
  );
  return {
    authenticationServices: [...authenticationServices].sort(),
    plans: spacePlans.map((plan) => ({
      ...described(plan),
      resourceLimits: { ...plan.spec.resourceLimits },
    })),
    addressTypes: servedAddressTypes[spaceType].map((name) => ({
      name,
      plans: addressPlans
        .filter(({ spec }) => spec.addressType === name)
        .map((plan) => ({ ...described(plan), resources: { ...plan.spec.resources } })),
    })),
  };
}

interface Plan<S extends AddressPlanSpec | AddressSpacePlanSpec> {
  readonly name: string;
  readonly spec: S;
}

function inOrder<S extends AddressPlanSpec | AddressSpacePlanSpec>(plans: readonly Plan<S>[]): Plan<S>[] {
  const place = ({ spec }: Plan<S>): number => spec.displayOrder ?? 0;
  return [...plans].sort((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
}

function described({ name, spec }: Plan<AddressPlanSpec | AddressSpacePlanSpec>): {
  name: string;
  displayName?: string;
  description?: string;
} {
  const { displayName, shortDescription } = spec;
  return {
    name,
    ...(displayName === undefined ? {} : { displayName }),
    ...(shortDescription === undefined ? {} : { description: shortDescription }),
  };
}
