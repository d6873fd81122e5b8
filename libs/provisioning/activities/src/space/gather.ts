import { planCatalog, resolveSpacePlan, type PlanCatalog, type ResolvedSpacePlan } from '@samband/plans';
import { SambandError } from '@samband/errors';
import { chooseAuthentication } from '@samband/topology';
import {
  canonicalJson,
  INFRA_NAMESPACE,
  kindRef,
  type AddressSpace,
  type AuthenticationService,
  type KindName,
  type Reason,
} from '@samband/resources';
import type { EntityRef, SpaceRun } from '@samband/contract';
import type { Ports } from '../ports.js';
import { isSameValue } from '../same.js';
import { withBundles } from './bundle-secrets.js';
import { infraId } from './infra-secret.js';
import { spaceRef } from './refs.js';

/** A space that can be provisioned, with everything it refers to. */
export interface SpaceFacts {
  /** With the certificates that lie in Secrets. */
  readonly space: AddressSpace;
  readonly id: string;
  readonly catalog: PlanCatalog;
  readonly plan: ResolvedSpacePlan & { readonly broker: NonNullable<ResolvedSpacePlan['broker']> };
  /** Of type `none` everybody may do everything. */
  readonly authentication: 'standard' | 'none';
}

export type Gathered =
  | { readonly kind: 'absent' }
  | { readonly kind: 'terminating'; readonly space: AddressSpace }
  | {
      readonly kind: 'blocked';
      readonly space: AddressSpace;
      readonly reason: Reason;
      readonly message: string;
    }
  | { readonly kind: 'facts'; readonly facts: SpaceFacts };

const planKinds: readonly KindName[] = [
  'AddressSpacePlan',
  'AddressPlan',
  'BrokeredInfraConfig',
  'StandardInfraConfig',
];

/** The space is read from the API server itself; plans and services from the watch, which signals what it sees. */
export async function gatherSpace(ports: Ports, ref: EntityRef): Promise<Gathered> {
  const space = (await ports.store.get(spaceRef(ref))) as AddressSpace | undefined;
  if (space === undefined) return { kind: 'absent' };
  if (space.metadata.deletionTimestamp !== undefined) return { kind: 'terminating', space };
  const blocked = (reason: Reason, message: string): Gathered => ({
    kind: 'blocked',
    space,
    reason,
    message,
  });
  if (space.spec.type !== 'brokered') {
    return blocked(
      'Unsupported',
      'address spaces of type standard need routers, which this installation does not run; use type brokered',
    );
  }
  const catalog = readCatalog(ports);
  const resolved = resolveSpacePlan(space.spec.plan, 'brokered', catalog);
  if (!resolved.ok) return blocked(resolved.reason, resolved.message);
  const { broker } = resolved.plan;
  if (broker === undefined)
    return blocked('PlanFailed', `address space plan ${space.spec.plan} names no usable infra config`);
  const services = ports.view.list(kindRef('AuthenticationService'), INFRA_NAMESPACE);
  const authentication = chooseAuthentication(
    space.spec.authenticationService,
    services as readonly AuthenticationService[],
    INFRA_NAMESPACE,
  );
  if (!authentication.ok) return blocked(authentication.reason, authentication.message);
  const bundled = await withBundles(ports, space);
  if (!bundled.ok) return blocked('UnknownSecret', bundled.message);
  return {
    kind: 'facts',
    facts: {
      space: bundled.space,
      id: infraId(ports, ref),
      catalog,
      plan: { ...resolved.plan, broker },
      authentication: authentication.type,
    },
  };
}

/**
 * For steps of a run: what it is of, as `assessSpace` found it. Throws SPACE_CHANGED when it is so no longer.
 * @param of the run; without one (a rollout that tries a space) any state that can be provisioned is right
 */
export async function requireFacts(ports: Ports, ref: EntityRef, of?: SpaceRun): Promise<SpaceFacts> {
  const gathered = await gatherSpace(ports, ref);
  const isSame = of === undefined || isSameValue(runOf(ports, gathered), of);
  if (gathered.kind === 'facts' && isSame) return gathered.facts;
  throw new SambandError(
    'SPACE_CHANGED',
    `address space ${ref.namespace}/${ref.name} changed while it was provisioned`,
  );
}

/** The run that works on what was gathered; none on a space that is not there or goes. */
export function runOf({ sha256 }: Pick<Ports, 'sha256'>, gathered: Gathered): SpaceRun | undefined {
  if (gathered.kind === 'absent' || gathered.kind === 'terminating') return undefined;
  const { space, ...refersTo } =
    gathered.kind === 'blocked'
      ? gathered
      : {
          space: gathered.facts.space,
          plan: gathered.facts.plan,
          authentication: gathered.facts.authentication,
        };
  const { uid = '', generation = 1 } = space.metadata;
  return { uid, generation, facts: sha256(canonicalJson(refersTo)).slice(0, 32) };
}

export function readCatalog({ view }: Ports): PlanCatalog {
  return planCatalog(planKinds.flatMap((kind) => view.list(kindRef(kind), INFRA_NAMESPACE)));
}
