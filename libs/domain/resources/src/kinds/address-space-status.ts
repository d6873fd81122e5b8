import { z } from 'zod';
import {
  conditions,
  filled,
  integer,
  MAX_SAFE,
  messages,
  observedGeneration,
  optional,
  phase,
  text,
  timestamp,
} from '../fields.js';

export const addressSpacePhases = ['Pending', 'Configuring', 'Active', 'Failed', 'Terminating'] as const;
export const exportKinds = ['ConfigMap', 'Secret', 'Service'] as const;

const ports = (description: string) =>
  z
    .array(
      z
        .strictObject({
          name: filled(63, 'Name of the port.'),
          port: integer(0, 65_535, 'Number of the port.'),
        })
        .describe('One port.'),
    )
    .max(64)
    .describe(description);

const parkedAddress = z
  .strictObject({
    address: filled(2048, 'The address as clients knew it.'),
    queue: filled(2048, 'The queue on the broker that holds the messages.'),
    messages: integer(0, MAX_SAFE, 'Messages it held when it was last counted.'),
    parkedAt: timestamp('When its Address went.'),
    destroyAt: timestamp('When it will be destroyed with its messages, unless its Address comes back.'),
  })
  .describe('A queue kept after its Address went, because it holds messages. Nobody may attach to it.');

const clientSubscriptions = z
  .strictObject({
    count: integer(0, MAX_SAFE, 'Those that there are.'),
    allowed: integer(
      0,
      MAX_SAFE,
      'How many the memory of the broker has room for beside the declared addresses. From so many on no more can be made.',
    ),
    holding: z
      .array(
        z
          .strictObject({
            address: text(2_048, 'Its topic and its name, <topic>::<name>.'),
            messages: integer(0, MAX_SAFE, 'Messages that wait for its client.'),
          })
          .describe('One subscription.'),
      )
      .max(100)
      .describe('Those that hold messages, the most first; a hundred at most.'),
  })
  .describe(
    'Durable subscriptions that clients made for themselves by attaching to a topic, as they were last counted.',
  );

export const addressSpaceStatusSchema = z
  .strictObject({
    isReady: optional(z.boolean().describe('Whether the space works, proven by a message.')),
    phase: optional(phase(addressSpacePhases, 'Where the space is in its life.')),
    messages: optional(messages),
    observedGeneration: optional(observedGeneration),
    conditions: optional(conditions),
    caCert: optional(text(262_144, 'CA to trust for self-signed endpoints: base64 of PEM.')),
    endpointStatuses: optional(
      z
        .array(
          z
            .strictObject({
              name: optional(filled(63, 'Name of the endpoint.')),
              serviceHost: optional(text(253, 'Host to use inside.')),
              servicePorts: optional(ports('Ports to use inside.')),
              externalHost: optional(text(253, 'Host to use from outside.')),
              externalPorts: optional(ports('Ports to use from outside.')),
              messages: optional(messages),
            })
            .describe('One endpoint.'),
        )
        .max(64)
        .describe('Where the endpoints are.'),
    ),
    connectors: optional(
      z
        .array(
          z
            .strictObject({
              name: optional(filled(63, 'Name of the connector.')),
              isReady: optional(z.boolean().describe('Whether it is connected.')),
              messages: optional(messages),
            })
            .describe('One connector.'),
        )
        .max(64)
        .describe('How the connectors are.'),
    ),
    routers: optional(
      z
        .array(
          z
            .strictObject({
              id: filled(253, 'Router.'),
              neighbors: optional(
                z.array(text(253, 'Router.')).max(256).describe('Routers it sees, itself included.'),
              ),
              undelivered: optional(integer(0, MAX_SAFE, 'Deliveries that are stuck.')),
            })
            .describe('One router.'),
        )
        .max(256)
        .describe('Routers of a standard space.'),
    ),
    addresses: optional(
      z
        .strictObject({
          declared: integer(0, MAX_SAFE, 'Address objects of the space.'),
          ready: integer(0, MAX_SAFE, 'Those that clients can use.'),
          parked: integer(0, MAX_SAFE, 'Queues that are kept though their Address went.'),
        })
        .describe('The addresses of the space, counted when they were last brought into force.'),
    ),
    users: optional(
      z
        .strictObject({
          declared: integer(0, MAX_SAFE, 'MessagingUser objects of the space.'),
          ready: integer(0, MAX_SAFE, 'Those that can log in, with all rights that they ask for.'),
          admitted: filled(
            64,
            'Names the set of MessagingUsers that these counts are of. Whoever is not among them is refused.',
          ),
        })
        .describe('The users of the space, counted when somebody was last admitted or refused.'),
    ),
    subscriptions: optional(clientSubscriptions),
    exports: optional(
      z
        .array(
          z
            .strictObject({
              kind: z.enum(exportKinds).describe('Kind of the object.'),
              name: filled(253, 'Name of the object.'),
            })
            .describe('One object.'),
        )
        .max(512)
        .describe('Objects of this namespace that the space has written and answers for.'),
    ),
    parkedAddresses: optional(
      z
        .array(parkedAddress)
        .max(5000)
        .describe('Queues kept after their Address went, the next to be destroyed first.'),
    ),
    parkedAddressesOmitted: optional(
      integer(0, MAX_SAFE, 'Parked queues beyond those listed: kept until there is room to list them.'),
    ),
  })
  .describe('What is.');

export type AddressSpaceStatus = z.infer<typeof addressSpaceStatusSchema>;
export type AddressSpacePhase = (typeof addressSpacePhases)[number];
export type ExportKind = (typeof exportKinds)[number];
export type ClientSubscriptions = z.infer<typeof clientSubscriptions>;
export type ParkedAddress = z.infer<typeof parkedAddress>;
