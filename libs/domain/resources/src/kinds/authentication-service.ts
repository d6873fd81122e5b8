import { z } from 'zod';
import {
  conditions,
  filled,
  freeForm,
  integer,
  metadataSchema,
  objectName,
  observedGeneration,
  optional,
  phase,
  secretReference,
  text,
} from '../fields.js';
import { adminLabels, ageColumn, type KindDefinition } from '../kind.js';

const image = (description: string) =>
  z
    .strictObject({
      name: optional(text(2048, 'Image.')),
      pullPolicy: optional(text(63, 'When the image is pulled.')),
    })
    .describe(description);

const none = z
  .strictObject({
    certificateSecret: optional(
      z.strictObject(secretReference).describe('Certificate of the service. Default: <name>-cert.'),
    ),
    image: optional(image('Image of the service.')),
    replicas: optional(integer(0, 1024, 'Number of instances.')),
    resources: optional(freeForm('Requests and limits.')),
  })
  .describe('Settings of type none.');

const standard = z
  .strictObject({
    certificateSecret: optional(
      z.strictObject(secretReference).describe('Certificate of the service. Default: <serviceName>-cert.'),
    ),
    credentialsSecret: optional(
      z.strictObject(secretReference).describe('Credentials of its administrator.'),
    ),
    datasource: optional(
      z
        .strictObject({
          type: z.enum(['h2', 'postgresql']).describe('Kind of database.'),
          host: optional(text(253, 'Host.')),
          port: optional(integer(1, 65_535, 'Port.')),
          database: optional(text(253, 'Name of the database.')),
          credentialsSecret: optional(
            z.strictObject(secretReference).describe('Keys database-user and database-password.'),
          ),
        })
        .describe('Database of EnMasse’s Keycloak. Without effect: users are kept by Samband.'),
    ),
    deploymentName: optional(objectName('Name of the Deployment.')),
    serviceName: optional(objectName('Name of the Service.')),
    serviceAccountName: optional(objectName('Name of the service account.')),
    routeName: optional(objectName('Name of the Route.')),
    image: optional(image('Image of the service.')),
    initImage: optional(image('Image of the init container.')),
    jvmOptions: optional(text(4096, 'Options of the Java machine. Without effect.')),
    replicas: optional(integer(0, 1024, 'Number of instances.')),
    resources: optional(freeForm('Requests and limits.')),
    securityContext: optional(freeForm('Security context of the pods.')),
    storage: optional(
      z
        .strictObject({
          type: z.enum(['ephemeral', 'persistent-claim']).describe('Kind of storage.'),
          claimName: optional(objectName('Name of the volume claim.')),
          class: optional(text(253, 'Storage class.')),
          deleteClaim: optional(z.boolean().describe('Whether the claim goes with the service.')),
          size: optional(text(64, 'Size of the volume.')),
        })
        .describe('Storage of EnMasse’s Keycloak. Without effect.'),
    ),
  })
  .describe('Settings of type standard.');

const external = z
  .strictObject({
    host: filled(253, 'Host.'),
    port: integer(1, 65_535, 'Port.'),
    caCertSecret: optional(z.strictObject(secretReference).describe('CA to trust.')),
    clientCertSecret: optional(z.strictObject(secretReference).describe('Client certificate to show.')),
    allowOverride: optional(
      z.boolean().describe('Whether address spaces may use another host, port or realm.'),
    ),
  })
  .describe('Settings of type external.');

const specSchema = z
  .strictObject({
    type: z
      .enum(['none', 'standard', 'external'])
      .describe(
        'none: everyone may do everything. standard: MessagingUsers. external: another AMQP SASL service.',
      ),
    realm: optional(filled(253, 'One realm for all spaces. Default: one for each.')),
    none: optional(none),
    standard: optional(standard),
    external: optional(external),
  })
  .describe('What is wanted.');

const statusSchema = z
  .strictObject({
    phase: optional(phase(['Pending', 'Configuring', 'Active', 'Failed'], 'Active: can be used.')),
    message: optional(text(32_768, 'What is amiss.')),
    observedGeneration: optional(observedGeneration),
    conditions: optional(conditions),
    host: optional(text(253, 'Host of the service.')),
    port: optional(integer(0, 65_535, 'Port of the service.')),
    caCertSecret: optional(z.strictObject(secretReference).describe('CA to trust.')),
    clientCertSecret: optional(z.strictObject(secretReference).describe('Client certificate to show.')),
  })
  .describe('What is.');

export const authenticationServiceSchema = z.strictObject({
  apiVersion: z.literal('admin.enmasse.io/v1beta1'),
  kind: z.literal('AuthenticationService'),
  metadata: metadataSchema,
  spec: specSchema,
  status: optional(statusSchema),
});

export type AuthenticationService = z.infer<typeof authenticationServiceSchema>;
export type AuthenticationServiceSpec = z.infer<typeof specSchema>;
export type AuthenticationServiceStatus = z.infer<typeof statusSchema>;
export type AuthenticationServiceType = AuthenticationServiceSpec['type'];

export const authenticationServiceKind: KindDefinition<AuthenticationService> = {
  kind: 'AuthenticationService',
  group: 'admin.enmasse.io',
  versions: ['v1beta1'],
  plural: 'authenticationservices',
  singular: 'authenticationservice',
  scope: 'Namespaced',
  categories: ['enmasse'],
  description: 'Who checks the logins of address spaces. Read from enmasse-infra.',
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
  schema: authenticationServiceSchema,
  celRules: [
    {
      path: 'spec',
      cel: "self.type != 'external' || has(self.external)",
      message: 'type external needs external.host and external.port',
      holds: ({ type, external: settings }: AuthenticationServiceSpec) =>
        type !== 'external' || settings !== undefined,
      at: 'type',
    },
  ],
};
