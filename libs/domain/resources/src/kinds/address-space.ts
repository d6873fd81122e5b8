import { z } from 'zod';
import {
  filled,
  freeForm,
  integer,
  metadataSchema,
  objectName,
  optional,
  secretReference,
  stringMap,
  text,
} from '../fields.js';
import { ageColumn, tenantLabels, type KindDefinition } from '../kind.js';
import { addressSpaceStatusSchema, exportKinds } from './address-space-status.js';
import { networkPolicy } from './infra-fields.js';

export const addressSpaceTypes = ['standard', 'brokered'] as const;
export const certificateProviders = ['wildcard', 'certBundle', 'openshift', 'selfsigned'] as const;

const cert = z
  .strictObject({
    provider: optional(
      z
        .enum(certificateProviders)
        .describe(
          'Where the certificate comes from: selfsigned (own CA, its certificate in status.caCert), certBundle (tlsKey and tlsCert here, or the Secret secretName), openshift (the service CA; self-signed where there is none), wildcard (one certificate for all spaces, which this release cannot be given: self-signed instead).',
        ),
    ),
    secretName: optional(
      objectName(
        'For certBundle without tlsKey and tlsCert: Secret of this namespace that holds both (keys tls.key, tls.crt).',
      ),
    ),
    tlsKey: optional(text(65_536, 'Private key: base64 of PEM. Only for certBundle, with tlsCert.')),
    tlsCert: optional(text(262_144, 'Certificate chain: base64 of PEM. Only for certBundle, with tlsKey.')),
  })
  .describe('Certificate of the endpoint.');

/** The Secret that a certBundle lies in, where it is not written into the endpoint. */
export function bundleSecretOf(given: z.infer<typeof cert> | undefined): string | undefined {
  const { provider, secretName, tlsKey, tlsCert } = given ?? {};
  return provider === 'certBundle' && tlsKey === undefined && tlsCert === undefined ? secretName : undefined;
}

const expose = z
  .strictObject({
    type: optional(z.enum(['route', 'loadbalancer']).describe('How the endpoint is reached from outside.')),
    annotations: optional(stringMap('Annotations for the Route or Service.')),
    routeHost: optional(text(253, 'Host name of the Route.')),
    routeServicePort: optional(
      z.enum(['amqps', 'https', 'secure-mqtt']).describe('Port that the Route leads to.'),
    ),
    routeTlsTermination: optional(z.enum(['passthrough', 'reencrypt']).describe('Where the Route ends TLS.')),
    loadBalancerPorts: optional(
      z
        .array(filled(63, 'Name of a port of the service, such as amqps.'))
        .max(32)
        .describe('Ports to expose.'),
    ),
    loadBalancerSourceRanges: optional(
      z.array(filled(64, 'A CIDR.')).max(128).describe('Networks that may reach the load balancer.'),
    ),
  })
  .describe('Exposes the endpoint outside the cluster.');

const endpoint = z
  .strictObject({
    name: optional(filled(63, 'Name of the endpoint.')),
    service: optional(
      z
        .enum(['messaging', 'mqtt', 'console'])
        .describe('What the endpoint leads to; only messaging is served.'),
    ),
    cert: optional(cert),
    exports: optional(
      z
        .array(
          z
            .strictObject({
              kind: optional(z.enum(exportKinds).describe('Kind of the object that is written.')),
              name: optional(objectName('Name of the object that is written.')),
            })
            .describe('One object.'),
        )
        .max(16)
        .describe(
          'Objects of this namespace that host, ports and CA are written to: keys service.host, service.port.<name>, external.host, external.port.<name>, ca.crt. The service account address-space-controller of enmasse-infra needs a Role for it.',
        ),
    ),
    expose: optional(expose),
  })
  .describe('A way to reach the address space.');

const selector = (description: string) =>
  z
    .strictObject({
      value: optional(text(262_144, 'The value itself.')),
      valueFromSecret: optional(
        z
          .strictObject({
            name: objectName('Name of the Secret.'),
            key: optional(filled(253, 'Key inside the Secret.')),
          })
          .describe('A Secret of this namespace that holds the value.'),
      ),
    })
    .describe(description);

const connector = z
  .strictObject({
    name: filled(63, 'Name of the connector: the first word of remote addresses.').regex(/^[a-zA-Z0-9]+$/),
    endpointHosts: z
      .array(
        z
          .strictObject({
            host: filled(253, 'Host name or IP address.'),
            port: optional(integer(1, 65_535, 'Port; 5671 with tls, else 5672.')),
          })
          .describe('One host.'),
      )
      .min(1)
      .max(16)
      .describe('Remote hosts: the first is the primary, the others are for failover.'),
    role: optional(
      z
        .enum(['normal', 'route-container', 'edge'])
        .describe('Role of the connection. Default: route-container.'),
    ),
    idleTimeout: optional(integer(0, 2_147_483_647, 'Idle timeout in seconds; 0: none.')),
    maxFrameSize: optional(integer(0, 2_147_483_647, 'Greatest AMQP frame in bytes, at least 512.')),
    tls: optional(
      z
        .strictObject({
          caCert: optional(selector('CA to trust. Key by default: ca.crt.')),
          clientCert: optional(selector('Client certificate, with clientKey. Key by default: tls.crt.')),
          clientKey: optional(selector('Client key, with clientCert. Key by default: tls.key.')),
        })
        .describe('Connects with TLS.'),
    ),
    credentials: optional(
      z
        .strictObject({
          username: selector('User name. Key by default: username.'),
          password: selector('Password. Key by default: password.'),
        })
        .describe('Login at the remote side.'),
    ),
    addresses: optional(
      z
        .array(
          z
            .strictObject({
              name: filled(63, 'Name of the rule.'),
              pattern: filled(
                1024,
                'Pattern of remote addresses: words split by /, * one word, # any words.',
              ).regex(/^([^/#*]+|\*|#)(\/([^/#*]+|\*|#))*$/),
            })
            .describe('One rule.'),
        )
        .max(256)
        .describe('Remote addresses that clients may use as <connector>/<address>.'),
    ),
  })
  .describe('A connection to an AMQP server outside. Address spaces of type standard only.');

const specSchema = z
  .strictObject({
    type: z
      .enum(addressSpaceTypes)
      .describe('standard: routers before brokers. brokered: one broker. Cannot be changed.'),
    plan: objectName('AddressSpacePlan: what the space may use.'),
    authenticationService: optional(
      z
        .strictObject({
          name: optional(
            objectName('AuthenticationService. Default: the first of type standard, else of type none.'),
          ),
          type: optional(
            text(63, 'Type of authentication service, when no name is given (older manifests).'),
          ),
          overrides: optional(
            z
              .strictObject({
                host: optional(filled(253, 'Host.')),
                port: optional(integer(1, 65_535, 'Port.')),
                realm: optional(filled(253, 'Realm.')),
                caCertSecret: optional(z.strictObject(secretReference).describe('CA to trust.')),
                clientCertSecret: optional(
                  z.strictObject(secretReference).describe('Client certificate to show.'),
                ),
              })
              .describe('Changes to an external service that allows it.'),
          ),
          details: optional(freeForm('Of older manifests. Without effect, in EnMasse too.')),
        })
        .describe('Who checks the logins of this space.'),
    ),
    endpoints: optional(
      z.array(endpoint).max(32).describe('Ways to reach the space. Default: one, messaging.'),
    ),
    networkPolicy: optional(networkPolicy),
    connectors: optional(z.array(connector).max(64).describe('Connections to AMQP servers outside.')),
  })
  .describe('What is wanted.');

export const addressSpaceSchema = z.strictObject({
  apiVersion: z.enum(['enmasse.io/v1beta1', 'enmasse.io/v1alpha1']),
  kind: z.literal('AddressSpace'),
  metadata: metadataSchema,
  spec: specSchema,
  status: optional(addressSpaceStatusSchema),
});

export type AddressSpace = z.infer<typeof addressSpaceSchema>;
export type AddressSpaceSpec = z.infer<typeof specSchema>;
export type AddressSpaceType = (typeof addressSpaceTypes)[number];
export type AddressSpaceEndpoint = z.infer<typeof endpoint>;
export type CertificateProvider = (typeof certificateProviders)[number];

export const addressSpaceKind: KindDefinition<AddressSpace> = {
  kind: 'AddressSpace',
  group: 'enmasse.io',
  versions: ['v1beta1', 'v1alpha1'],
  deprecatedVersions: ['v1alpha1'],
  plural: 'addressspaces',
  singular: 'addressspace',
  scope: 'Namespaced',
  categories: ['enmasse'],
  description:
    'A group of addresses that share a broker (or routers and brokers), endpoints and users. Its Addresses and MessagingUsers are named <address space>.<name>, in the same namespace.',
  labels: tenantLabels,
  printerColumns: [
    { name: 'Type', type: 'string', jsonPath: '.spec.type', description: 'Type of the space.', priority: 1 },
    { name: 'Plan', type: 'string', jsonPath: '.spec.plan', description: 'Plan of the space.', priority: 1 },
    { name: 'Ready', type: 'boolean', jsonPath: '.status.isReady', description: 'Whether the space works.' },
    {
      name: 'Phase',
      type: 'string',
      jsonPath: '.status.phase',
      description: 'Where the space is in its life.',
    },
    {
      name: 'Status',
      type: 'string',
      jsonPath: '.status.messages',
      description: 'What is amiss.',
      priority: 1,
    },
    ageColumn,
  ],
  schema: addressSpaceSchema,
  celRules: [
    {
      path: '',
      cel: "!self.metadata.name.contains('.') && size(self.metadata.name) <= 63",
      message:
        'the name of an address space is at most 63 characters without dots: its addresses and users are named <address space>.<name>',
      holds: ({ metadata: { name } }: AddressSpace) => !name.includes('.') && name.length <= 63,
      at: 'metadata.name',
    },
    {
      path: 'spec',
      cel: 'self.type == oldSelf.type',
      message: 'the type of an address space cannot be changed: create another one',
      holdsAfter: (self: AddressSpaceSpec, old: AddressSpaceSpec) => self.type === old.type,
      at: 'type',
    },
    {
      path: 'spec.endpoints[].cert',
      cel: "!has(self.provider) || self.provider != 'certBundle' || (has(self.tlsKey) && has(self.tlsCert)) || (has(self.secretName) && !has(self.tlsKey) && !has(self.tlsCert))",
      message:
        'provider certBundle needs both tlsKey and tlsCert, or secretName alone: a Secret of this namespace that holds tls.key and tls.crt',
      holds: (self: z.infer<typeof cert>) =>
        self.provider !== 'certBundle' ||
        (self.tlsKey !== undefined && self.tlsCert !== undefined) ||
        bundleSecretOf(self) !== undefined,
      at: 'provider',
    },
    {
      path: 'spec.endpoints[].expose',
      cel: "!has(self.type) || self.type != 'loadbalancer' || has(self.loadBalancerPorts)",
      message: 'type loadbalancer needs loadBalancerPorts',
      holds: (self: z.infer<typeof expose>) =>
        self.type !== 'loadbalancer' || self.loadBalancerPorts !== undefined,
      at: 'type',
    },
    {
      path: 'spec.endpoints[].expose',
      cel: "!has(self.type) || self.type != 'route' || (has(self.routeServicePort) && has(self.routeTlsTermination))",
      message: 'type route needs routeServicePort and routeTlsTermination',
      holds: (self: z.infer<typeof expose>) =>
        self.type !== 'route' ||
        (self.routeServicePort !== undefined && self.routeTlsTermination !== undefined),
      at: 'type',
    },
    {
      path: 'spec.connectors[].tls',
      cel: 'has(self.clientCert) == has(self.clientKey)',
      message: 'clientCert and clientKey come together',
      holds: (self: NonNullable<z.infer<typeof connector>['tls']>) =>
        (self.clientCert === undefined) === (self.clientKey === undefined),
    },
  ],
};
