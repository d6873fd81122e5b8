import {
  checkAddresses,
  clientAddress,
  desiredAddress,
  effectiveStatus,
  spaceDefaults,
  type AddressContext,
  type DesiredAddress,
} from '@samband/topology';
import { judgeQuota, resolveAddressPlan, type QuotaEntry, type ResolvedAddressPlan } from '@samband/plans';
import { isOfKind, type Address, type AddressStatus, type Reason } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import type { SpaceFacts } from './gather.js';
import { spaceKey } from './refs.js';

export { clientAddress };

/** The Addresses of a space, as the watch has them. */
export function addressesOf({ view }: Ports, space: EntityRef): Address[] {
  return view
    .byIndex('space', spaceKey(space))
    .filter((object) => isOfKind('Address', object))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

export interface Served {
  readonly address: Address;
  readonly desired: DesiredAddress;
  readonly effective: Pick<AddressStatus, 'planStatus' | 'messageTtl' | 'messageRedelivery' | 'subscription'>;
  /** Equal digests: nothing to do on the broker, nothing to say in the status. */
  readonly digest: string;
}

export interface Refused {
  readonly address: Address;
  readonly reason: Reason;
  readonly message: string;
}

export interface AddressSet {
  readonly served: readonly Served[];
  readonly refused: readonly Refused[];
}

/** Judges all Addresses of a space together: each by itself, against each other, and against the quota. */
export function judgeAddresses(addresses: readonly Address[], { plan, catalog }: SpaceFacts): AddressSet {
  const refused: Refused[] = [];
  const refuse = (address: Address, reason: Reason, message: string): void => {
    refused.push({ address, reason, message });
  };
  const faulty = new Set<Address>();
  for (const { address, code, message } of checkAddresses(addresses)) {
    faulty.add(address);
    refuse(address, code, message);
  }
  const candidates: Served[] = [];
  const plans = new Map<string, ResolvedAddressPlan>();
  const context = { globalMaxBytes: plan.broker.globalMaxBytes, defaults: spaceDefaults(plan) };
  const terms = new Map<ResolvedAddressPlan, Terms>();
  const termsOf = (addressPlan: ResolvedAddressPlan): Terms => {
    const known = terms.get(addressPlan);
    if (known !== undefined) return known;
    const made = { ...context, plan: addressPlan };
    const fresh = { context: made, text: JSON.stringify(made) };
    terms.set(addressPlan, fresh);
    return fresh;
  };
  for (const address of addresses) {
    if (faulty.has(address)) continue;
    const resolved = resolveAddressPlan(address.spec.plan, address.spec.type, plan, catalog);
    if (!resolved.ok) {
      refuse(address, resolved.reason, resolved.message);
      continue;
    }
    const one = serve(address, termsOf(resolved.plan));
    if (one === undefined) {
      refuse(
        address,
        'Unsupported',
        `addresses of type ${address.spec.type} are not served by brokered address spaces`,
      );
      continue;
    }
    plans.set(address.metadata.name, resolved.plan);
    candidates.push(one);
  }
  const overflow = new Map(
    judgeQuota(
      candidates.map(({ address }) =>
        quotaEntry(address, plans.get(address.metadata.name)?.brokerMicros ?? 0),
      ),
      {
        brokerMicros: plan.limits.broker ?? 0,
        maxQueues: plan.broker.maxQueues,
        planName: plan.name,
        infraConfig: plan.infraConfig,
        heapMiB: plan.broker.heapMiB,
      },
    ).refused.map((refusal) => [refusal.name, refusal]),
  );
  const served = candidates.filter(({ address }) => {
    const refusal = overflow.get(address.metadata.name);
    if (refusal !== undefined) refuse(address, refusal.reason, refusal.message);
    return refusal === undefined;
  });
  return { served, refused };
}

const judged = new WeakMap<Address, { readonly terms: string; readonly served: Served }>();

/** What an Address is judged on besides itself, and the same as text: plans are resolved anew each time. */
interface Terms {
  readonly context: AddressContext;
  readonly text: string;
}

/** One Address by itself. Objects of the watch never change, so each is judged once on the same terms. */
function serve(address: Address, { context, text }: Terms): Served | undefined {
  const known = judged.get(address);
  if (known?.terms === text) return known.served;
  const desired = desiredAddress(address, context);
  if (desired === undefined) return undefined;
  const effective = effectiveStatus(address, context.plan);
  const served = { address, desired, effective, digest: JSON.stringify([desired, effective]) };
  judged.set(address, { terms: text, served });
  return served;
}

function quotaEntry({ metadata, status }: Address, brokerMicros: number): QuotaEntry {
  return {
    name: metadata.name,
    brokerMicros,
    isReady: status?.isReady === true,
    ...(metadata.creationTimestamp === undefined ? {} : { createdAt: metadata.creationTimestamp }),
  };
}
