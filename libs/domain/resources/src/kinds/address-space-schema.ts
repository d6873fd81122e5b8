import { z } from 'zod';
import { conditions, filled, metadataSchema, observedGeneration, optional, text } from '../fields.js';
import { ageColumn, tenantLabels, type KindDefinition } from '../kind.js';

const described = {
  name: filled(253, 'Name.'),
  displayName: optional(text(1024, 'Name for people.')),
  description: optional(text(65_536, 'Description for people.')),
};
const numbers = (description: string) => z.record(z.string().max(63), z.number()).describe(description);

const specSchema = z
  .strictObject({
    description: optional(text(65_536, 'Description for people.')),
    authenticationServices: optional(
      z.array(filled(253, 'Name.')).max(1024).describe('AuthenticationServices that can be used.'),
    ),
    plans: optional(
      z
        .array(
          z
            .strictObject({
              ...described,
              resourceLimits: optional(numbers('What the addresses of one space may use together.')),
            })
            .describe('One plan.'),
        )
        .max(1024)
        .describe('AddressSpacePlans that can be used.'),
    ),
    addressTypes: optional(
      z
        .array(
          z
            .strictObject({
              ...described,
              plans: optional(
                z
                  .array(
                    z
                      .strictObject({ ...described, resources: optional(numbers('What one address uses.')) })
                      .describe('One plan.'),
                  )
                  .max(1024)
                  .describe('AddressPlans that can be used.'),
              ),
            })
            .describe('One type.'),
        )
        .max(32)
        .describe('Types of addresses.'),
    ),
    certificateProviderTypes: optional(
      z
        .array(z.strictObject(described).describe('One provider.'))
        .max(32)
        .describe('Providers of certificates.'),
    ),
    endpointExposeTypes: optional(
      z.array(z.strictObject(described).describe('One way.')).max(32).describe('Ways to expose endpoints.'),
    ),
    routeServicePorts: optional(
      z
        .array(
          z
            .strictObject({
              ...described,
              routeTlsTerminations: optional(
                z.array(text(63, 'Where TLS ends.')).max(16).describe('Where TLS may end.'),
              ),
            })
            .describe('One port.'),
        )
        .max(32)
        .describe('Ports that Routes may lead to.'),
    ),
  })
  .describe('What there is to choose from.');

const statusSchema = z
  .strictObject({ observedGeneration: optional(observedGeneration), conditions: optional(conditions) })
  .describe('What is.');

export const addressSpaceSchemaSchema = z.strictObject({
  apiVersion: z.literal('enmasse.io/v1beta1'),
  kind: z.literal('AddressSpaceSchema'),
  metadata: metadataSchema,
  spec: optional(specSchema),
  status: optional(statusSchema),
});

export type AddressSpaceSchema = z.infer<typeof addressSpaceSchemaSchema>;
export type AddressSpaceSchemaSpec = z.infer<typeof specSchema>;

export const addressSpaceSchemaKind: KindDefinition<AddressSpaceSchema> = {
  kind: 'AddressSpaceSchema',
  group: 'enmasse.io',
  versions: ['v1beta1'],
  plural: 'addressspaceschemas',
  singular: 'addressspaceschema',
  scope: 'Cluster',
  categories: ['enmasse'],
  description:
    'What tenants can choose from: one object for each type of address space, written from the plans.',
  labels: tenantLabels,
  printerColumns: [ageColumn],
  schema: addressSpaceSchemaSchema,
  celRules: [],
};
