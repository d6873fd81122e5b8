import { z } from 'zod';
import {
  conditions,
  credits,
  displayFields,
  filled,
  metadataSchema,
  objectName,
  observedGeneration,
  optional,
  phase,
  text,
} from '../fields.js';
import { annotations } from '../names.js';
import { adminLabels, ageColumn, type KindDefinition } from '../kind.js';
import { addressSpaceTypes, type AddressSpaceType } from './address-space.js';

export const planPhases = ['Pending', 'Configuring', 'Active', 'Failed'] as const;

const type = z.enum(addressSpaceTypes).describe('Type of the address spaces that may use the plan.');
const addressPlans = z
  .array(objectName('Name of an AddressPlan.'))
  .max(1024)
  .describe('AddressPlans that addresses of such a space may use.');

const specSchema = z
  .strictObject({
    addressSpaceType: type,
    infraConfigRef: objectName(
      'StandardInfraConfig or BrokeredInfraConfig, by the type, of the same namespace: how the infrastructure is made.',
    ),
    addressPlans,
    resourceLimits: z
      .strictObject({
        router: optional(credits('Greatest sum of router credits.')),
        broker: optional(credits('Greatest sum of broker credits.')),
        aggregate: optional(credits('Greatest sum of all credits.')),
      })
      .describe('What the addresses of one space may use together. One credit is one router or broker.'),
    ...displayFields,
  })
  .describe('What is offered.');

export const planStatusSchema = z
  .strictObject({
    phase: optional(phase(planPhases, 'Active: can be used. Failed: the message says why not.')),
    message: optional(text(32_768, 'What is wrong with the plan.')),
    observedGeneration: optional(observedGeneration),
    conditions: optional(conditions),
  })
  .describe('What is.');

export const addressSpacePlanSchema = z.strictObject({
  apiVersion: z.enum(['admin.enmasse.io/v1beta2', 'admin.enmasse.io/v1beta1', 'admin.enmasse.io/v1alpha1']),
  kind: z.literal('AddressSpacePlan'),
  metadata: metadataSchema,
  spec: optional(specSchema),
  status: optional(planStatusSchema),
  // The shape before v1beta2, which had no spec.
  addressSpaceType: optional(type),
  addressPlans: optional(addressPlans),
  resources: optional(
    z
      .array(
        z
          .strictObject({
            name: filled(63, 'router, broker or aggregate.'),
            max: credits('Greatest sum of credits.'),
          })
          .describe('One limit.'),
      )
      .max(16)
      .describe('Older form of spec.resourceLimits.'),
  ),
  uuid: optional(text(63, 'Older identity for service catalogs.')),
  ...displayFields,
});

export type AddressSpacePlan = z.infer<typeof addressSpacePlanSchema>;
export type AddressSpacePlanSpec = z.infer<typeof specSchema>;
export type PlanStatus = z.infer<typeof planStatusSchema>;
export type PlanPhase = (typeof planPhases)[number];

/**
 * What a plan says, whichever shape it has. The older shape names its infra config by the annotation
 * `enmasse.io/defined-by`; without it the reference is empty, and judging the plan finds that.
 */
export function addressSpacePlanSpec(plan: AddressSpacePlan): AddressSpacePlanSpec {
  if (plan.spec !== undefined) return plan.spec;
  const limit = (name: string): number | undefined =>
    plan.resources?.find((entry) => entry.name === name)?.max;
  const [router, broker, aggregate] = [limit('router'), limit('broker'), limit('aggregate')];
  const fallback: AddressSpaceType = 'standard';
  return {
    addressSpaceType: plan.addressSpaceType ?? fallback,
    infraConfigRef: plan.metadata.annotations?.[annotations.definedBy] ?? '',
    addressPlans: plan.addressPlans ?? [],
    resourceLimits: {
      ...(router === undefined ? {} : { router }),
      ...(broker === undefined ? {} : { broker }),
      ...(aggregate === undefined ? {} : { aggregate }),
    },
    ...(plan.displayName === undefined ? {} : { displayName: plan.displayName }),
    ...(plan.displayOrder === undefined ? {} : { displayOrder: plan.displayOrder }),
    ...(plan.shortDescription === undefined ? {} : { shortDescription: plan.shortDescription }),
    ...(plan.longDescription === undefined ? {} : { longDescription: plan.longDescription }),
  };
}

export const addressSpacePlanKind: KindDefinition<AddressSpacePlan> = {
  kind: 'AddressSpacePlan',
  group: 'admin.enmasse.io',
  versions: ['v1beta2', 'v1beta1', 'v1alpha1'],
  deprecatedVersions: ['v1alpha1'],
  plural: 'addressspaceplans',
  singular: 'addressspaceplan',
  scope: 'Namespaced',
  categories: ['enmasse'],
  description:
    'What operators offer for address spaces: infrastructure, address plans and limits. Read from enmasse-infra.',
  labels: adminLabels,
  printerColumns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Whether it can be used.' },
    {
      name: 'Status',
      type: 'string',
      jsonPath: '.status.message',
      description: 'What is amiss.',
      priority: 1,
    },
    ageColumn,
  ],
  schema: addressSpacePlanSchema,
  celRules: [
    {
      path: '',
      cel: 'has(self.spec) || (has(self.addressSpaceType) && has(self.addressPlans) && has(self.resources))',
      message: 'spec is required (or, as before v1beta2, addressSpaceType, addressPlans and resources)',
      holds: ({ spec, addressSpaceType, addressPlans: plans, resources }: AddressSpacePlan) =>
        spec !== undefined ||
        (addressSpaceType !== undefined && plans !== undefined && resources !== undefined),
      at: 'spec',
    },
  ],
};
