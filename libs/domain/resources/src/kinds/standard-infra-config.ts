import { z } from 'zod';
import { integer, MAX_SAFE, metadataSchema, optional, text } from '../fields.js';
import { adminLabels, ageColumn, type KindDefinition } from '../kind.js';
import type { Rule } from '../rule.js';
import {
  adminConfig,
  brokerFields,
  computeResources,
  intOrPercent,
  networkPolicy,
  podTemplate,
} from './infra-fields.js';
import { planStatusSchema } from './address-space-plan.js';

const count = (description: string): z.ZodInt => integer(0, 2_147_483_647, description);

const broker = z
  .strictObject({
    ...brokerFields,
    connectorIdleTimeout: optional(count('Idle timeout towards the routers in seconds. Default: 16.')),
    connectorWorkerThreads: optional(count('Threads towards the routers. Default: 4.')),
    minLargeMessageSize: optional(
      integer(-1, MAX_SAFE, 'Size in bytes from which messages are kept in files; -1: never. Default: -1.'),
    ),
    treatRejectAsUnmodifiedDeliveryFailed: optional(
      z.boolean().describe('Whether a rejected message counts as a failed delivery. Default: true.'),
    ),
    useModifiedForTransientDeliveryErrors: optional(
      z.boolean().describe('Whether passing errors are answered with modified. Default: true.'),
    ),
    minAvailable: optional(intOrPercent('Brokers that must stay during disruptions.')),
    maxUnavailable: optional(intOrPercent('Brokers that may be away during disruptions.')),
  })
  .describe('The brokers of each space.');

const policy = z
  .strictObject({
    maxConnections: optional(count('Greatest number of connections to a router.')),
    maxConnectionsPerUser: optional(count('Greatest number of connections of one user.')),
    maxConnectionsPerHost: optional(count('Greatest number of connections from one host.')),
    maxSessionsPerConnection: optional(count('Greatest number of sessions on a connection.')),
    maxSendersPerConnection: optional(count('Greatest number of senders on a connection.')),
    maxReceiversPerConnection: optional(count('Greatest number of receivers on a connection.')),
    maxMessageSize: optional(integer(0, MAX_SAFE, 'Greatest message in bytes.')),
  })
  .describe('Limits on clients.');

const router = z
  .strictObject({
    resources: optional(z.strictObject(computeResources).describe('CPU and memory of each router.')),
    minReplicas: optional(integer(0, 1024, 'Least number of routers.')),
    linkCapacity: optional(count('Messages under way on a link.')),
    handshakeTimeout: optional(count('Time for the first handshake in seconds.')),
    idleTimeout: optional(count('Idle timeout of connections in seconds.')),
    workerThreads: optional(count('Threads of a router.')),
    minAvailable: optional(intOrPercent('Routers that must stay during disruptions.')),
    maxUnavailable: optional(intOrPercent('Routers that may be away during disruptions.')),
    policy: optional(policy),
    podTemplate: optional(podTemplate),
  })
  .describe('The routers of each space.');

const specSchema = z
  .strictObject({
    version: optional(text(253, 'Version of EnMasse it was made for. Without effect.')),
    globalDLQ: optional(
      z
        .boolean()
        .describe('Whether undeliverable messages without a dead letter address are kept. Default: false.'),
    ),
    networkPolicy: optional(networkPolicy),
    admin: optional(adminConfig),
    broker: optional(broker),
    router: optional(router),
  })
  .describe('What is wanted.');

export const standardInfraConfigSchema = z.strictObject({
  apiVersion: z.enum(['admin.enmasse.io/v1beta1', 'admin.enmasse.io/v1alpha1']),
  kind: z.literal('StandardInfraConfig'),
  metadata: metadataSchema,
  spec: optional(specSchema),
  status: optional(planStatusSchema),
});

export type StandardInfraConfig = z.infer<typeof standardInfraConfigSchema>;
export type StandardInfraConfigSpec = z.infer<typeof specSchema>;

const oneOfAvailability = (path: string): Rule => ({
  path,
  cel: '!has(self.minAvailable) || !has(self.maxUnavailable)',
  message: 'minAvailable and maxUnavailable exclude each other',
  holds: (self: { minAvailable?: unknown; maxUnavailable?: unknown }) =>
    self.minAvailable === undefined || self.maxUnavailable === undefined,
  at: 'minAvailable',
});

export const standardInfraConfigKind: KindDefinition<StandardInfraConfig> = {
  kind: 'StandardInfraConfig',
  group: 'admin.enmasse.io',
  versions: ['v1beta1', 'v1alpha1'],
  deprecatedVersions: ['v1alpha1'],
  plural: 'standardinfraconfigs',
  singular: 'standardinfraconfig',
  scope: 'Namespaced',
  categories: ['enmasse'],
  description:
    'How the routers and brokers of each address space of type standard are made. Read from enmasse-infra.',
  labels: adminLabels,
  printerColumns: [ageColumn],
  schema: standardInfraConfigSchema,
  celRules: [oneOfAvailability('spec.broker'), oneOfAvailability('spec.router')],
};
