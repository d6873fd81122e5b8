import type { ViewIndex, ViewKind } from '@samband/kubernetes';
import {
  addressSpacePlanSpec,
  bundleSecretOf,
  INFRA_NAMESPACE,
  isOfKind,
  kindRef,
  labels,
  passwordSource,
  type KubeObject,
  type MessagingUser,
} from '@samband/resources';
import { judgedKinds } from './admin-status.js';

/** What the controller holds in memory: of each kind only what decides who must know of a change. */
export const watchedKinds: readonly ViewKind[] = [
  ...judgedKinds.map((kind) => ({ ...kindRef(kind), namespace: INFRA_NAMESPACE })),
  kindRef('AddressSpaceSchema'),
  { ...kindRef('AddressSpace'), trim: withoutStatus },
  { ...kindRef('MessagingUser'), trim: withoutPassword },
  { ...kindRef('GitSource'), trim: withoutStatus },
  { ...kindRef('Rollout'), trim: withStanding },
  { ...kindRef('ParkedSpace'), trim: withoutStatus },
];

export const secretKind: ViewKind = { apiVersion: 'v1', kind: 'Secret', metadataOnly: true };

/** What spaces export, beside the Secrets. */
export const exportKinds: readonly ViewKind[] = ['ConfigMap', 'Service'].map((kind) => ({
  apiVersion: 'v1',
  kind,
  metadataOnly: true,
  labelSelector: labels.exportOf,
}));

export const indexNames = {
  /** AddressSpaces by the name of their plan. */
  spacesByPlan: 'spaces-by-plan',
  /** AddressSpaces by the name of their authentication service; empty for those that take the default. */
  spacesByAuthentication: 'spaces-by-authentication',
  /** AddressSpacePlans by each AddressPlan that they list. */
  plansByAddressPlan: 'plans-by-address-plan',
  /** AddressSpacePlans by `<type of space>/<infra config>`. */
  plansByInfraConfig: 'plans-by-infra-config',
  /** MessagingUsers by `<namespace>/<Secret>` of their password. */
  usersBySecret: 'users-by-secret',
  /** AddressSpaces by `<namespace>/<Secret>` of an endpoint's certificate. */
  spacesBySecret: 'spaces-by-secret',
} as const;

export const indexes: readonly ViewIndex[] = [
  {
    name: indexNames.spacesByPlan,
    of: (object) => (isOfKind('AddressSpace', object) ? [object.spec.plan] : []),
  },
  {
    name: indexNames.spacesByAuthentication,
    of: (object) => (isOfKind('AddressSpace', object) ? [object.spec.authenticationService?.name ?? ''] : []),
  },
  {
    name: indexNames.plansByAddressPlan,
    of: (object) =>
      isOfKind('AddressSpacePlan', object) ? [...new Set(addressSpacePlanSpec(object).addressPlans)] : [],
  },
  {
    name: indexNames.plansByInfraConfig,
    of: (object: KubeObject): string[] => {
      if (!isOfKind('AddressSpacePlan', object)) return [];
      const { addressSpaceType, infraConfigRef } = addressSpacePlanSpec(object);
      return [`${addressSpaceType}/${infraConfigRef}`];
    },
  },
  {
    name: indexNames.spacesBySecret,
    of: (object: KubeObject): string[] => {
      if (!isOfKind('AddressSpace', object)) return [];
      const names = (object.spec.endpoints ?? []).flatMap(({ cert }) => bundleSecretOf(cert) ?? []);
      return [...new Set(names)].map((name) => `${object.metadata.namespace ?? ''}/${name}`);
    },
  },
  {
    name: indexNames.usersBySecret,
    of: (object: KubeObject): string[] => {
      if (!isOfKind('MessagingUser', object)) return [];
      const source = passwordSource(object);
      if (source === undefined || source.from === 'inline') return [];
      return [`${object.metadata.namespace ?? ''}/${source.name}`];
    },
  },
];

function withoutStatus(object: KubeObject): KubeObject {
  const trimmed = { ...object };
  delete trimmed['status'];
  return trimmed;
}

/** The phase; the first step: whether it has begun; the last one while it runs: what it waits for. */
function withStanding(object: KubeObject): KubeObject {
  const { phase, steps } = (object['status'] ?? {}) as { phase?: unknown; steps?: Step[] };
  return {
    ...object,
    status: {
      ...(phase === undefined ? {} : { phase }),
      ...(steps === undefined
        ? {}
        : { steps: steps.filter((step, at) => at === 0 || (at === steps.length - 1 && isRunning(step))) }),
    },
  };
}

interface Step {
  readonly phase?: string;
  readonly message?: string;
}

function isRunning({ phase }: Step): boolean {
  return phase === 'Running';
}

/** In the words of its running step; only while a rollout waits does it say anything there. */
export function waitsFor(object: KubeObject | undefined): string | undefined {
  if (object?.kind !== 'Rollout') return undefined;
  const last = ((object['status'] ?? {}) as { steps?: Step[] }).steps?.at(-1);
  return last !== undefined && isRunning(last) ? last.message : undefined;
}

/** Inline passwords have no business in this process. */
function withoutPassword(object: KubeObject): KubeObject {
  const user = withoutStatus(object) as MessagingUser;
  const { authentication } = user.spec;
  const kept = authentication.password === undefined ? authentication : { ...authentication, password: '' };
  const annotations = { ...user.metadata.annotations };
  delete annotations['kubectl.kubernetes.io/last-applied-configuration'];
  return {
    ...user,
    metadata: { ...user.metadata, annotations },
    spec: { ...user.spec, authentication: kept },
  };
}
