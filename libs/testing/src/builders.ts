import {
  kindRef,
  type Address,
  type AddressPlan,
  type AddressSpace,
  type AddressSpacePlan,
  type AuthenticationService,
  type BrokeredInfraConfig,
  type GitSource,
  type KindName,
  type Kinds,
  type MessagingUser,
  type ObjectMeta,
  type Rollout,
} from '@samband/resources';

/** What a test says of an object; everything else is filled in so that the API server accepts it. */
export interface Given<T extends { spec?: object | undefined; status?: object | undefined }> {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: Partial<NonNullable<T['spec']>>;
  readonly status?: T['status'];
}

const infra = 'enmasse-infra';

/** A brokered space `team/app` with the plan `small`. */
export function anAddressSpace(given: Given<AddressSpace> = {}): AddressSpace {
  return build(
    'AddressSpace',
    { namespace: 'team', name: 'app' },
    { type: 'brokered', plan: 'small' },
    given,
  );
}

/** A queue `orders` of the space `app`; its name follows from `spec.address`. */
export function anAddress(given: Given<Address> = {}): Address {
  const address = given.spec?.address ?? 'orders';
  const name = `app.${address.toLowerCase().replace(/[^a-z0-9.-]/g, '-')}`;
  return build('Address', { namespace: 'team', name }, { address, type: 'queue', plan: 'queue' }, given);
}

/** `bob` of the space `app`, with an inline password, who may send and receive everywhere. */
export function aMessagingUser(given: Given<MessagingUser> = {}): MessagingUser {
  const username = given.spec?.username ?? 'bob';
  const spec: MessagingUser['spec'] = {
    username,
    authentication: { type: 'password', password: Buffer.from('a password').toString('base64') },
    authorization: [{ operations: ['send', 'recv'], addresses: ['*'] }],
  };
  return build('MessagingUser', { namespace: 'team', name: `app.${username}` }, spec, given);
}

/** `small`: brokered, lists the address plan `queue`, on the infra config `default`. */
export function anAddressSpacePlan(given: Given<AddressSpacePlan> = {}): AddressSpacePlan {
  const spec: NonNullable<AddressSpacePlan['spec']> = {
    addressSpaceType: 'brokered',
    infraConfigRef: 'default',
    addressPlans: ['queue'],
    resourceLimits: { broker: 1 },
  };
  return build('AddressSpacePlan', { namespace: infra, name: 'small' }, spec, given);
}

/** `queue`: a hundredth of a broker. */
export function anAddressPlan(given: Given<AddressPlan> = {}): AddressPlan {
  const spec = { addressType: 'queue', resources: { broker: 0.01 } } as const;
  return build('AddressPlan', { namespace: infra, name: 'queue' }, spec, given);
}

/** `default`: a broker of 512 MiB. */
export function aBrokeredInfraConfig(given: Given<BrokeredInfraConfig> = {}): BrokeredInfraConfig {
  const spec = { broker: { resources: { memory: '512Mi' } } };
  return build('BrokeredInfraConfig', { namespace: infra, name: 'default' }, spec, given);
}

export function anAuthenticationService(given: Given<AuthenticationService> = {}): AuthenticationService {
  const spec = { type: 'standard' } as const;
  return build('AuthenticationService', { namespace: infra, name: 'standard-authservice' }, spec, given);
}

/** The branch `main` of a repository, applied as the service account `deployer`. */
export function aGitSource(given: Given<GitSource> = {}): GitSource {
  const spec: GitSource['spec'] = {
    url: 'https://git.example/team/messaging.git',
    ref: { branch: 'main' },
    serviceAccountName: 'deployer',
  };
  return build('GitSource', { namespace: 'team', name: 'messaging' }, spec, given);
}

/** The first attempt at a commit of the source `messaging`; its name follows from the spec. */
export function aRollout(given: Given<Rollout> = {}): Rollout {
  const spec: Rollout['spec'] = {
    source: 'messaging',
    commit: '0123456789abcdef'.repeat(3).slice(0, 40),
    attempt: 1,
    ...given.spec,
  };
  const name = `${spec.source}-${spec.commit.slice(0, 12)}-${spec.attempt}`;
  const labels = { 'samband.dev/source': spec.source, 'samband.dev/commit': spec.commit };
  return build('Rollout', { namespace: 'team', name, labels }, spec, given);
}

function build<K extends KindName>(
  kind: K,
  metadata: ObjectMeta,
  spec: object,
  given: { metadata?: Partial<ObjectMeta>; spec?: object; status?: unknown },
): Kinds[K] {
  return {
    ...kindRef(kind),
    metadata: { ...metadata, ...given.metadata },
    spec: { ...spec, ...given.spec },
    ...(given.status === undefined ? {} : { status: given.status }),
  } as unknown as Kinds[K];
}
