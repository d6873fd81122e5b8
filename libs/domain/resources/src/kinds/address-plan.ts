import { z } from 'zod';
import {
  credits,
  displayFields,
  filled,
  integer,
  messageRedelivery,
  messageTtl,
  metadataSchema,
  optional,
  text,
} from '../fields.js';
import { adminLabels, ageColumn, type KindDefinition } from '../kind.js';
import { addressTypes } from './address.js';
import { planStatusSchema } from './address-space-plan.js';

const type = z.enum(addressTypes).describe('Type of the addresses that may use the plan.');

const specSchema = z
  .strictObject({
    addressType: type,
    resources: optional(
      z
        .strictObject({
          router: optional(credits('Share of a router that an address uses.')),
          broker: optional(credits('Share of a broker that an address uses.')),
        })
        .describe('What one address uses. Not needed for deadletter.'),
    ),
    partitions: optional(integer(0, 1024, 'Brokers that a queue is spread over. Default: 1.')),
    messageTtl: optional(messageTtl('Bounds of the time to live of messages.')),
    messageRedelivery: optional(messageRedelivery('How often and when messages are delivered again.')),
    ...displayFields,
  })
  .describe('What is offered.');

export const addressPlanSchema = z.strictObject({
  apiVersion: z.enum(['admin.enmasse.io/v1beta2', 'admin.enmasse.io/v1beta1', 'admin.enmasse.io/v1alpha1']),
  kind: z.literal('AddressPlan'),
  metadata: metadataSchema,
  spec: optional(specSchema),
  status: optional(planStatusSchema),
  // The shape before v1beta2, which had no spec.
  addressType: optional(type),
  requiredResources: optional(
    z
      .array(
        z
          .strictObject({ name: filled(63, 'router or broker.'), credit: credits('Share of it.') })
          .describe('One resource.'),
      )
      .max(16)
      .describe('Older form of spec.resources.'),
  ),
  uuid: optional(text(63, 'Older identity for service catalogs.')),
  ...displayFields,
});

export type AddressPlan = z.infer<typeof addressPlanSchema>;
export type AddressPlanSpec = z.infer<typeof specSchema>;

/** What a plan says, whichever shape it has. */
export function addressPlanSpec(plan: AddressPlan): AddressPlanSpec {
  if (plan.spec !== undefined) return plan.spec;
  const credit = (name: string): number | undefined =>
    plan.requiredResources?.find((entry) => entry.name === name)?.credit;
  const [router, broker] = [credit('router'), credit('broker')];
  return {
    addressType: plan.addressType ?? 'queue',
    resources: {
      ...(router === undefined ? {} : { router }),
      ...(broker === undefined ? {} : { broker }),
    },
    ...(plan.displayName === undefined ? {} : { displayName: plan.displayName }),
    ...(plan.displayOrder === undefined ? {} : { displayOrder: plan.displayOrder }),
    ...(plan.shortDescription === undefined ? {} : { shortDescription: plan.shortDescription }),
    ...(plan.longDescription === undefined ? {} : { longDescription: plan.longDescription }),
  };
}

export const addressPlanKind: KindDefinition<AddressPlan> = {
  kind: 'AddressPlan',
  group: 'admin.enmasse.io',
  versions: ['v1beta2', 'v1beta1', 'v1alpha1'],
  deprecatedVersions: ['v1alpha1'],
  plural: 'addressplans',
  singular: 'addressplan',
  scope: 'Namespaced',
  categories: ['enmasse'],
  description:
    'What operators offer for addresses: their type and what each one uses. Read from enmasse-infra.',
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
  schema: addressPlanSchema,
  celRules: [
    {
      path: '',
      cel: 'has(self.spec) || (has(self.addressType) && has(self.requiredResources))',
      message: 'spec is required (or, as before v1beta2, addressType and requiredResources)',
      holds: ({ spec, addressType, requiredResources }: AddressPlan) =>
        spec !== undefined || (addressType !== undefined && requiredResources !== undefined),
      at: 'spec',
    },
    {
      path: 'spec',
      cel: "self.addressType == 'deadletter' || has(self.resources)",
      message: 'resources is required, except for type deadletter',
      holds: ({ addressType, resources }: AddressPlanSpec) =>
        addressType === 'deadletter' || resources !== undefined,
      at: 'resources',
    },
  ],
};
