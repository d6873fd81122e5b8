import { z } from 'zod';
import {
  conditions,
  filled,
  integer,
  messageRedelivery,
  messages,
  messageTtl,
  metadataSchema,
  objectName,
  observedGeneration,
  optional,
  phase,
  text,
} from '../fields.js';
import { ageColumn, tenantLabels, type KindDefinition } from '../kind.js';

export const addressTypes = ['anycast', 'multicast', 'queue', 'topic', 'subscription', 'deadletter'] as const;
export const addressPhases = ['Pending', 'Configuring', 'Active', 'Failed', 'Terminating'] as const;

const addressText = (description: string): z.ZodString =>
  filled(1024, description).regex(/^[^\s]+$/, 'must not contain white space');

const specSchema = z
  .strictObject({
    address: addressText('The address as clients use it. Unique in its space. Cannot be changed.'),
    type: z
      .enum(addressTypes)
      .describe(
        'queue: stored, one receiver each. topic: to all subscribers. subscription: a durable queue on a topic. deadletter: where messages go that could not be delivered. anycast, multicast: not stored (standard spaces). Cannot be changed.',
      ),
    plan: objectName('AddressPlan: what the address may use. The plan of the space must list it.'),
    topic: optional(addressText('Topic that a subscription is on. Only for type subscription.')),
    subscription: optional(
      z
        .strictObject({
          maxConsumers: optional(
            integer(-1, 2_147_483_647, 'Receivers at a time. Default: 1; -1: no limit.'),
          ),
        })
        .describe('Settings of a subscription.'),
    ),
    deadletter: optional(addressText('Address of type deadletter for messages that cannot be delivered.')),
    expiry: optional(addressText('Address of type deadletter for messages whose time is over.')),
    messageTtl: optional(messageTtl('Bounds of the time to live. They can only narrow those of the plan.')),
    messageRedelivery: optional(
      messageRedelivery('How often and when messages are delivered again. Overrides the plan.'),
    ),
    forwarders: optional(
      z
        .array(
          z
            .strictObject({
              name: filled(63, 'Name of the forwarder.').regex(/^[a-zA-Z0-9]+$/),
              remoteAddress: filled(1024, 'Address of the other side: <connector>/<address>.'),
              direction: z.enum(['in', 'out']).describe('in: from the other side; out: to it.'),
              priority: optional(
                integer(-2_147_483_648, 2_147_483_647, 'Priority among the receivers of a queue.'),
              ),
            })
            .describe('One forwarder.'),
        )
        .max(64)
        .describe('Moves messages between this address and an AMQP server outside. Standard spaces only.'),
    ),
  })
  .describe('What is wanted.');

const statusSchema = z
  .strictObject({
    isReady: optional(z.boolean().describe('Whether clients can use the address.')),
    phase: optional(phase(addressPhases, 'Where the address is in its life.')),
    messages: optional(messages),
    observedGeneration: optional(observedGeneration),
    conditions: optional(conditions),
    brokerStatuses: optional(
      z
        .array(
          z
            .strictObject({
              clusterId: optional(text(253, 'Broker or group of brokers.')),
              containerId: optional(text(253, 'AMQP container of the broker.')),
              brokerId: optional(text(253, 'Older name of containerId.')),
              state: optional(
                z.enum(['Active', 'Migrating', 'Draining']).describe('What becomes of it there.'),
              ),
            })
            .describe('One broker.'),
        )
        .max(64)
        .describe('Brokers that hold the address.'),
    ),
    planStatus: optional(
      z
        .strictObject({
          name: objectName('Name of the plan.'),
          partitions: integer(0, 1024, 'Brokers the address is spread over.'),
          resources: optional(
            z.record(z.string().max(63), z.number()).describe('Credits the address uses, by resource.'),
          ),
        })
        .describe('The plan as it was applied.'),
    ),
    forwarders: optional(
      z
        .array(
          z
            .strictObject({
              name: optional(filled(63, 'Name of the forwarder.')),
              isReady: optional(z.boolean().describe('Whether it moves messages.')),
              messages: optional(messages),
            })
            .describe('One forwarder.'),
        )
        .max(64)
        .describe('How the forwarders are.'),
    ),
    subscription: optional(
      z
        .strictObject({ maxConsumers: optional(integer(-1, 2_147_483_647, 'Receivers at a time.')) })
        .describe('Settings of a subscription as they are in force.'),
    ),
    messageTtl: optional(messageTtl('Bounds of the time to live as they are in force.')),
    messageRedelivery: optional(messageRedelivery('Redelivery as it is in force.')),
  })
  .describe('What is.');

export const addressSchema = z.strictObject({
  apiVersion: z.enum(['enmasse.io/v1beta1', 'enmasse.io/v1alpha1']),
  kind: z.literal('Address'),
  metadata: metadataSchema,
  spec: specSchema,
  status: optional(statusSchema),
});

export type Address = z.infer<typeof addressSchema>;
export type AddressSpec = z.infer<typeof specSchema>;
export type AddressStatus = z.infer<typeof statusSchema>;
export type AddressType = (typeof addressTypes)[number];
export type AddressPhase = (typeof addressPhases)[number];
export type MessageTtl = NonNullable<AddressSpec['messageTtl']>;
export type MessageRedelivery = NonNullable<AddressSpec['messageRedelivery']>;

export const addressKind: KindDefinition<Address> = {
  kind: 'Address',
  group: 'enmasse.io',
  versions: ['v1beta1', 'v1alpha1'],
  deprecatedVersions: ['v1alpha1'],
  plural: 'addresses',
  singular: 'address',
  scope: 'Namespaced',
  categories: ['enmasse'],
  description:
    'A queue, topic or other address of an address space. Its name is <address space>.<name>; the part before the first dot says which space of the namespace it belongs to.',
  labels: tenantLabels,
  printerColumns: [
    { name: 'Address', type: 'string', jsonPath: '.spec.address', description: 'The address.' },
    {
      name: 'Type',
      type: 'string',
      jsonPath: '.spec.type',
      description: 'Type of the address.',
      priority: 1,
    },
    {
      name: 'Plan',
      type: 'string',
      jsonPath: '.spec.plan',
      description: 'Plan of the address.',
      priority: 1,
    },
    {
      name: 'Ready',
      type: 'boolean',
      jsonPath: '.status.isReady',
      description: 'Whether clients can use it.',
    },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where it is in its life.' },
    {
      name: 'Status',
      type: 'string',
      jsonPath: '.status.messages',
      description: 'What is amiss.',
      priority: 1,
    },
    ageColumn,
  ],
  schema: addressSchema,
  celRules: [
    {
      path: '',
      cel: "self.metadata.name.contains('.')",
      message:
        'the name of an address is <address space>.<name>: the part before the first dot says its space',
      holds: ({ metadata: { name } }: Address) => name.indexOf('.') > 0,
      at: 'metadata.name',
    },
    {
      path: 'spec',
      cel: "!self.address.startsWith('_!')",
      message: 'an address must not start with _!',
      holds: ({ address }: AddressSpec) => !address.startsWith('_!'),
      at: 'address',
    },
    {
      path: 'spec',
      cel: "self.type != 'subscription' || has(self.topic)",
      message: 'type subscription needs topic: the address of the topic it is on',
      holds: ({ type, topic }: AddressSpec) => type !== 'subscription' || topic !== undefined,
      at: 'type',
    },
    {
      path: 'spec',
      cel: 'self.address == oldSelf.address',
      message: 'spec.address cannot be changed: create another Address and remove this one',
      holdsAfter: (self: AddressSpec, old: AddressSpec) => self.address === old.address,
      at: 'address',
    },
    {
      path: 'spec',
      cel: 'self.type == oldSelf.type',
      message:
        'the type of an address cannot be changed: remove it, and create it anew when its queue is gone',
      holdsAfter: (self: AddressSpec, old: AddressSpec) => self.type === old.type,
      at: 'type',
    },
    {
      path: 'spec',
      cel: "self.type != 'subscription' || !has(oldSelf.topic) || (has(self.topic) && self.topic == oldSelf.topic)",
      message: 'the topic of a subscription cannot be changed: its messages belong to that topic',
      holdsAfter: (self: AddressSpec, old: AddressSpec) =>
        self.type !== 'subscription' || old.topic === undefined || self.topic === old.topic,
      at: 'topic',
    },
  ],
};
