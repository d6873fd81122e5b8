import { conditionTypes, setCondition } from './conditions.js';
import type { Condition, KubeObject } from './object.js';
import { bundleSecretOf } from './kinds/address-space.js';
import { ourKind, type KindName } from './registry.js';

/** A field that is understood and does nothing in this release. */
export interface IdleField {
  /** Keys from the root of the object. */
  readonly path: readonly (string | number)[];
  /** What it would do, and what holds instead. */
  readonly message: string;
}

interface IdlePattern {
  /** Keys joined by `.`, `[]` after a list. */
  readonly at: string;
  readonly message: string;
  /** Values that mean what holds anyway. */
  readonly isHarmless?: (value: unknown, parent: unknown) => boolean;
}

const kubernetesOnly = 'is for pods on Kubernetes; brokers run as processes here';
const volumes = 'is for volumes on Kubernetes; messages are kept in the folder of the stack here';
const keycloak = 'was for EnMasse’s Keycloak; users are kept by Samband';
const routers = 'is for routers, which address spaces of type standard need; those are not served yet';
const infra: readonly IdlePattern[] = [
  { at: 'spec.version', message: 'names a version of EnMasse; there is one version here' },
  { at: 'spec.networkPolicy', message: kubernetesOnly },
  { at: 'spec.admin', message: 'is for EnMasse’s admin pod; there is none' },
  { at: 'spec.broker.resources.cpu', message: kubernetesOnly },
  { at: 'spec.broker.resources.storage', message: volumes },
  { at: 'spec.broker.storageClassName', message: volumes },
  { at: 'spec.broker.updatePersistentVolumeClaim', message: volumes },
  { at: 'spec.broker.podTemplate', message: kubernetesOnly },
];

/** Of each kind: what its schema takes so that manifests of EnMasse fit, and nothing is done with. */
const patterns: Partial<Record<KindName, readonly IdlePattern[]>> = {
  AddressSpace: [
    {
      at: 'spec.endpoints[].service',
      message: 'is not served: only messaging is',
      isHarmless: (value) => value === 'messaging',
    },
    {
      at: 'spec.endpoints[].cert.secretName',
      message: 'names a Secret of EnMasse’s; the certificate is kept in one of Samband’s own',
      isHarmless: (_, cert) => bundleSecretOf(cert as Parameters<typeof bundleSecretOf>[0]) !== undefined,
    },
    {
      at: 'spec.endpoints[].expose',
      message: 'exposes an endpoint of a cluster; brokers listen on this host',
    },
    { at: 'spec.networkPolicy', message: kubernetesOnly },
    { at: 'spec.connectors', message: routers },
    {
      at: 'spec.authenticationService.overrides',
      message: 'is for authentication services of type external, which are not served yet',
    },
    { at: 'spec.authenticationService.details', message: 'had no effect in EnMasse either' },
  ],
  AddressPlan: [
    {
      at: 'spec.partitions',
      message: 'spreads a queue over several brokers, which a brokered space has not',
      isHarmless: (value) => typeof value === 'number' && value <= 1,
    },
  ],
  Address: [{ at: 'spec.forwarders', message: routers }],
  BrokeredInfraConfig: infra,
  StandardInfraConfig: [{ at: 'spec', message: routers }],
  AddressSpacePlan: [
    {
      at: 'spec.addressSpaceType',
      message: 'standard is not served yet: spaces with this plan are refused',
      isHarmless: (value) => value === 'brokered',
    },
  ],
  AuthenticationService: [
    {
      at: 'spec.realm',
      message: 'is for services that are asked over AMQP; brokers check logins themselves here',
    },
    { at: 'spec.none', message: keycloak },
    { at: 'spec.standard', message: keycloak },
  ],
};

/** How many fields of one object are told of. */
const MAX_FIELDS = 50;

/** Fields of an object of ours that have no effect, so that nobody relies on one in silence. */
export function idleFields(object: KubeObject): IdleField[] {
  const kind = ourKind(object)?.kind;
  const found = (kind === undefined ? undefined : patterns[kind]) ?? [];
  return found.flatMap((pattern) => match(object, pattern)).slice(0, MAX_FIELDS);
}

/** `undefined` when every field has its effect. */
function idleFieldsMessage(object: KubeObject): string | undefined {
  const fields = idleFields(object);
  if (fields.length === 0) return undefined;
  return fields.map(({ path, message }) => `${textOfPath(path)} ${message}`).join('; ');
}

/** The conditions with `FieldsIgnored` as long as the spec has fields without effect, else without it. */
export function setFieldsIgnored(
  conditions: readonly Condition[] | undefined,
  object: KubeObject,
  now: string,
): Condition[] {
  const message = idleFieldsMessage(object);
  const { generation } = object.metadata;
  if (message === undefined)
    return (conditions ?? []).filter(({ type }) => type !== conditionTypes.fieldsIgnored);
  const said = { type: conditionTypes.fieldsIgnored, status: 'True', reason: 'NotServed', message } as const;
  return setCondition(
    conditions,
    generation === undefined ? said : { ...said, observedGeneration: generation },
    now,
  );
}

function textOfPath(path: IdleField['path']): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`))
    .join('');
}

function match(object: KubeObject, { at, message, isHarmless = isEmpty }: IdlePattern): IdleField[] {
  const walk = (
    value: unknown,
    [step, ...rest]: readonly string[],
    path: IdleField['path'],
    parent?: unknown,
  ): IdleField[] => {
    if (value === undefined || value === null) return [];
    if (step === undefined) return isHarmless(value, parent) || isEmpty(value) ? [] : [{ path, message }];
    if (typeof value !== 'object') return [];
    const key = step.replace('[]', '');
    const inner = (value as Record<string, unknown>)[key];
    if (key === step) return walk(inner, rest, [...path, key], value);
    if (!Array.isArray(inner)) return [];
    return inner.flatMap((item, index) => walk(item, rest, [...path, key, index]));
  };
  return walk(object, at.split('.'), []);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
