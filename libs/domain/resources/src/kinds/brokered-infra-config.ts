import { z } from 'zod';
import { metadataSchema, optional, text } from '../fields.js';
import { adminLabels, ageColumn, type KindDefinition } from '../kind.js';
import { addressFullPolicies, adminConfig, brokerFields, networkPolicy } from './infra-fields.js';
import { planStatusSchema } from './address-space-plan.js';

const specSchema = z
  .strictObject({
    version: optional(text(253, 'Version of EnMasse it was made for. Without effect.')),
    networkPolicy: optional(networkPolicy),
    admin: optional(adminConfig),
    broker: optional(z.strictObject(brokerFields).describe('The broker of each space.')),
  })
  .describe('What is wanted.');

export const brokeredInfraConfigSchema = z.strictObject({
  apiVersion: z.enum(['admin.enmasse.io/v1beta1', 'admin.enmasse.io/v1alpha1']),
  kind: z.literal('BrokeredInfraConfig'),
  metadata: metadataSchema,
  spec: optional(specSchema),
  status: optional(planStatusSchema),
});

export type BrokeredInfraConfig = z.infer<typeof brokeredInfraConfigSchema>;
export type BrokeredInfraConfigSpec = z.infer<typeof specSchema>;
export type AddressFullPolicy = (typeof addressFullPolicies)[number];

export const brokeredInfraConfigKind: KindDefinition<BrokeredInfraConfig> = {
  kind: 'BrokeredInfraConfig',
  group: 'admin.enmasse.io',
  versions: ['v1beta1', 'v1alpha1'],
  deprecatedVersions: ['v1alpha1'],
  plural: 'brokeredinfraconfigs',
  singular: 'brokeredinfraconfig',
  scope: 'Namespaced',
  categories: ['enmasse'],
  description: 'How the broker of each address space of type brokered is made. Read from enmasse-infra.',
  labels: adminLabels,
  printerColumns: [ageColumn],
  schema: brokeredInfraConfigSchema,
  celRules: [],
};
