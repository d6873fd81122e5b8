import { addressKind, type Address } from './kinds/address.js';
import { addressPlanKind, type AddressPlan } from './kinds/address-plan.js';
import { addressSpaceKind, type AddressSpace } from './kinds/address-space.js';
import { addressSpacePlanKind, type AddressSpacePlan } from './kinds/address-space-plan.js';
import { addressSpaceSchemaKind, type AddressSpaceSchema } from './kinds/address-space-schema.js';
import { authenticationServiceKind, type AuthenticationService } from './kinds/authentication-service.js';
import { brokeredInfraConfigKind, type BrokeredInfraConfig } from './kinds/brokered-infra-config.js';
import { gitSourceKind, type GitSource } from './kinds/git-source.js';
import { messagingUserKind, type MessagingUser } from './kinds/messaging-user.js';
import { parkedSpaceKind, type ParkedSpace } from './kinds/parked-space.js';
import { rolloutKind, type Rollout } from './kinds/rollout.js';
import { standardInfraConfigKind, type StandardInfraConfig } from './kinds/standard-infra-config.js';
import type { KindDefinition } from './kind.js';
import type { KubeObject } from './object.js';
import type { KindRef } from './store.js';

/** Our kinds and their types. */
export interface Kinds {
  AddressSpace: AddressSpace;
  Address: Address;
  AddressSpaceSchema: AddressSpaceSchema;
  MessagingUser: MessagingUser;
  AddressSpacePlan: AddressSpacePlan;
  AddressPlan: AddressPlan;
  StandardInfraConfig: StandardInfraConfig;
  BrokeredInfraConfig: BrokeredInfraConfig;
  AuthenticationService: AuthenticationService;
  GitSource: GitSource;
  Rollout: Rollout;
  ParkedSpace: ParkedSpace;
}

export type KindName = keyof Kinds;

export const kinds: { readonly [K in KindName]: KindDefinition<Kinds[K]> } = {
  AddressSpace: addressSpaceKind,
  Address: addressKind,
  AddressSpaceSchema: addressSpaceSchemaKind,
  MessagingUser: messagingUserKind,
  AddressSpacePlan: addressSpacePlanKind,
  AddressPlan: addressPlanKind,
  StandardInfraConfig: standardInfraConfigKind,
  BrokeredInfraConfig: brokeredInfraConfigKind,
  AuthenticationService: authenticationServiceKind,
  GitSource: gitSourceKind,
  Rollout: rolloutKind,
  ParkedSpace: parkedSpaceKind,
};

export const kindNames: readonly KindName[] = Object.keys(kinds) as KindName[];

/** What operators make and tenants’ objects refer to: read from the infra namespace alone, and offered to everybody. */
export const operatorKinds: ReadonlySet<KindName> = new Set<KindName>([
  'AddressSpacePlan',
  'AddressPlan',
  'BrokeredInfraConfig',
  'StandardInfraConfig',
  'AuthenticationService',
]);

/** The kind in its stored version, as lists and references want it. */
export function kindRef(kind: KindName): KindRef {
  const { group, versions } = kinds[kind];
  return { apiVersion: `${group}/${versions[0]}`, kind };
}

/**
 * Which of our kinds an object is of, by group and kind, whatever its version; `undefined` when it is not ours.
 * `isServed` tells whether its version exists.
 */
export function ourKind(ref: KindRef): { kind: KindName; isServed: boolean } | undefined {
  if (!Object.hasOwn(kinds, ref.kind)) return undefined;
  const kind = ref.kind as KindName;
  const { group, versions } = kinds[kind];
  if (ref.apiVersion !== group && !ref.apiVersion.startsWith(`${group}/`)) return undefined;
  return { kind, isServed: versions.includes(ref.apiVersion.slice(group.length + 1)) };
}

/** The `apiVersion` to write instead of a deprecated one; `undefined` for all others. */
export function replacementVersion(ref: KindRef): string | undefined {
  const ours = ourKind(ref);
  if (ours === undefined) return undefined;
  const { group, versions, deprecatedVersions = [] } = kinds[ours.kind];
  return deprecatedVersions.includes(ref.apiVersion.slice(group.length + 1))
    ? `${group}/${versions[0]}`
    : undefined;
}

/**
 * Whether an object read from the API server is of a kind. Its content is trusted: the server has checked it
 * against the same schema. Use `parseObject` for anything from elsewhere.
 */
export function isOfKind<K extends KindName>(kind: K, object: KubeObject): object is Kinds[K] {
  return ourKind(object)?.kind === kind;
}
