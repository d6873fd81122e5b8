import type { KindName, KubeObject } from '@samband/resources';

/** A good object of a kind, by its spec; what a test is about comes with `change`. */
export interface Example {
  readonly kind: KindName;
  readonly name: string;
  readonly spec: object | undefined;
  readonly root?: object;
}

const sha = 'a'.repeat(40);

export const good = {
  space: { kind: 'AddressSpace', name: 'app', spec: { type: 'brokered', plan: 'small' } },
  address: { kind: 'Address', name: 'app.orders', spec: { address: 'orders', type: 'queue', plan: 'queue' } },
  user: {
    kind: 'MessagingUser',
    name: 'app.alice',
    spec: { username: 'alice', authentication: { type: 'password' } },
  },
  spacePlan: {
    kind: 'AddressSpacePlan',
    name: 'small',
    spec: {
      addressSpaceType: 'brokered',
      infraConfigRef: 'default',
      addressPlans: ['queue'],
      resourceLimits: { broker: 1 },
    },
  },
  addressPlan: {
    kind: 'AddressPlan',
    name: 'queue',
    spec: { addressType: 'queue', resources: { broker: 0.001 } },
  },
  standardInfra: { kind: 'StandardInfraConfig', name: 'default', spec: { router: { minReplicas: 1 } } },
  brokeredInfra: {
    kind: 'BrokeredInfraConfig',
    name: 'default',
    spec: { broker: { globalMaxSize: '64Mb' } },
  },
  authService: { kind: 'AuthenticationService', name: 'standard', spec: { type: 'standard' } },
  source: {
    kind: 'GitSource',
    name: 'team1',
    spec: { url: 'https://git.example/team1.git', ref: { branch: 'main' }, serviceAccountName: 'deployer' },
  },
  rollout: {
    kind: 'Rollout',
    name: `team1-${sha.slice(0, 12)}-1`,
    spec: { source: 'team1', commit: sha, attempt: 1 },
  },
} as const satisfies Record<string, Example>;

export function objectOf(example: Example, apiVersion: string, namespace: string): KubeObject {
  const { kind, name, spec, root = {} } = example;
  return {
    apiVersion,
    kind,
    metadata: { name, namespace },
    ...(spec === undefined ? {} : { spec }),
    ...root,
  };
}

/** Objects that nobody accepts: what is wrong, the object, and what the API server says of it. */
export const refused: readonly (readonly [string, Example, string])[] = [
  ...([
    ['a dot in the name of a space', { ...good.space, name: 'app.x' }, 'at most 63 characters without dots'],
    [
      'certBundle without a key',
      endpoint({ cert: { provider: 'certBundle', tlsCert: 'YQ==' } }),
      'needs both tlsKey and tlsCert',
    ],
    [
      'a load balancer without ports',
      endpoint({ expose: { type: 'loadbalancer' } }),
      'type loadbalancer needs loadBalancerPorts',
    ],
    [
      'a route without termination',
      endpoint({ expose: { type: 'route', routeServicePort: 'amqps' } }),
      'type route needs routeServicePort and routeTlsTermination',
    ],
    [
      'a client certificate without its key',
      connector({ tls: { clientCert: { value: 'x' } } }),
      'clientCert and clientKey come together',
    ],
    ['a connector with a bad name', connector({ name: 'a-b' }), 'spec.connectors[0].name'],
    [
      'an unknown type of space',
      { ...good.space, spec: { type: 'shared', plan: 'p' } },
      'Unsupported value: "shared"',
    ],
    [
      'an address without a space in its name',
      { ...good.address, name: 'orders' },
      'the part before the first dot says its space',
    ],
    ['white space in an address', change(good.address, { address: 'a b' }), 'spec.address'],
    ['an address of the broker’s own', change(good.address, { address: '_!x' }), 'must not start with _!'],
    [
      'a subscription without a topic',
      change(good.address, { type: 'subscription' }),
      'type subscription needs topic',
    ],
    [
      'a user without a space in its name',
      { ...good.user, name: 'alice' },
      'the part before the first dot says its space',
    ],
    [
      'a name too long for a generated Secret',
      { ...good.user, name: `app.${'a'.repeat(240)}` },
      'name the Secret in generateSecret',
    ],
    ['an empty password', login({ type: 'password', password: '=\r\n' }), 'must not be empty'],
    [
      'two ways to a password',
      login({ type: 'password', password: 'YQ==', passwordSecretRef: { name: 's' } }),
      'exclude each other',
    ],
    [
      'a password for a service account',
      change(good.user, {
        username: 'system:serviceaccount:a:b',
        authentication: { type: 'serviceaccount', password: 'YQ==' },
      }),
      'for type password only',
    ],
    [
      'a service account by its short name',
      login({ type: 'serviceaccount' }),
      'system:serviceaccount:<namespace>:<name>',
    ],
    [
      'a password user named as a service account',
      change(good.user, { username: 'system:serviceaccount:a:b' }),
      'start with system: are for service accounts',
    ],
    [
      'a password that is not base64',
      login({ type: 'password', password: 'a b' }),
      'spec.authentication.password',
    ],
    ['an upper-case user name', change(good.user, { username: 'Alice' }), 'spec.username'],
    [
      'a plan that says nothing',
      { ...good.spacePlan, spec: undefined, root: { addressPlans: [] } },
      'spec is required',
    ],
    ['an address plan that says nothing', { ...good.addressPlan, spec: undefined }, 'spec is required'],
    [
      'an address plan without resources',
      { ...good.addressPlan, spec: { addressType: 'queue' } },
      'resources is required',
    ],
    [
      'a negative credit',
      change(good.addressPlan, { resources: { broker: -1 } }),
      'should be greater than or equal to 0',
    ],
    [
      'two kinds of disruption budget',
      change(good.standardInfra, { router: { minAvailable: 1, maxUnavailable: '50%' } }),
      'exclude each other',
    ],
    [
      'a size that is none',
      change(good.brokeredInfra, { broker: { globalMaxSize: '64Tb' } }),
      'spec.broker.globalMaxSize',
    ],
    [
      'an external service without a host',
      { ...good.authService, spec: { type: 'external' } },
      'type external needs external.host',
    ],
    ['a source with a long name', { ...good.source, name: 's'.repeat(41) }, 'at most 40 characters'],
    ['a source over http', change(good.source, { url: 'http://git.example/x' }), 'spec.url'],
    ['an option in place of a URL', change(good.source, { url: '--upload-pack=sh' }), 'spec.url'],
    [
      'credentials in a URL',
      change(good.source, { url: 'https://u:p@git.example/x' }),
      'must not carry credentials',
    ],
    [
      'a branch that is an option',
      change(good.source, { ref: { branch: '-x' } }),
      'is not the name of a branch',
    ],
    [
      'a branch that climbs',
      change(good.source, { ref: { branch: 'a/../b' } }),
      'is not the name of a branch',
    ],
    ['a branch with a space', change(good.source, { ref: { branch: 'a b' } }), 'is not the name of a branch'],
    [
      'a branch with a backslash',
      change(good.source, { ref: { branch: 'a\\b' } }),
      'is not the name of a branch',
    ],
    [
      'a branch with a bracket',
      change(good.source, { ref: { branch: 'a[b' } }),
      'is not the name of a branch',
    ],
    [
      'a path that climbs',
      change(good.source, { path: 'a/../../b' }),
      'path is a folder inside the repository',
    ],
    ['an absolute path', change(good.source, { path: '/etc' }), 'path is a folder inside the repository'],
    [
      'a path with a backslash',
      change(good.source, { path: 'a\\..\\b' }),
      'path is a folder inside the repository',
    ],
    [
      'an interval that is too short',
      change(good.source, { interval: '1s' }),
      'interval is between 5s and 24h',
    ],
    [
      'an interval that is too long',
      change(good.source, { interval: '25h' }),
      'interval is between 5s and 24h',
    ],
    ['an interval that is none', change(good.source, { interval: '1y' }), 'spec.interval'],
    ['a short sha', change(good.rollout, { commit: 'abc' }), 'spec.commit'],
    ['attempt 0', change(good.rollout, { attempt: 0 }), 'should be greater than or equal to 1'],
  ] as const),
];

/** Changes that nobody accepts: before, after, and what the API server says. */
export const refusedChanges: readonly (readonly [string, Example, object, string])[] = [
  ['the type of a space', good.space, { type: 'standard' }, 'the type of an address space cannot be changed'],
  ['an address', good.address, { address: 'other' }, 'spec.address cannot be changed'],
  ['the type of an address', good.address, { type: 'topic' }, 'the type of an address cannot be changed'],
  [
    'the topic of a subscription',
    {
      ...good.address,
      name: 'app.sub',
      spec: { ...good.address.spec, address: 'sub', type: 'subscription', topic: 'a' },
    },
    { topic: 'b' },
    'the topic of a subscription cannot be changed',
  ],
  ['a rollout', good.rollout, { attempt: 2 }, 'the spec of a rollout cannot be changed'],
];

function change(example: Example, spec: object): Example {
  return { ...example, spec: { ...example.spec, ...spec } };
}

function endpoint(fields: object): Example {
  return change(good.space, { endpoints: [{ name: 'messaging', service: 'messaging', ...fields }] });
}

function connector(fields: object): Example {
  return change(good.space, { connectors: [{ name: 'c', endpointHosts: [{ host: 'h' }], ...fields }] });
}

function login(authentication: object): Example {
  return change(good.user, { authentication });
}
