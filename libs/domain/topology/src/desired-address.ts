import type { ResolvedAddressPlan } from '@samband/plans';
import type { Address, AddressStatus } from '@samband/resources';
import { effectiveValues, exceptionalSettings } from './address-settings.js';
import type { AddressSettings, DesiredAddress } from './ports.js';

export interface AddressContext {
  readonly plan: ResolvedAddressPlan;
  /** Message memory of the space's broker. */
  readonly globalMaxBytes: number;
  /** What the broker's match `#` says: `spaceDefaults` of the space's plan. */
  readonly defaults: AddressSettings;
}

/** Receivers of a subscription at a time, when it does not say. */
const subscriptionConsumers = 1;

/**
 * One Address as the broker shall have it. Queues and dead letter addresses are a queue of their own name, topics
 * an address without a queue, subscriptions a queue on their topic's address.
 *
 * @returns `undefined` for types that brokered spaces do not have, and for a subscription without a topic
 */
export function desiredAddress(
  address: Pick<Address, 'spec'>,
  context: AddressContext,
): DesiredAddress | undefined {
  const { spec } = address;
  const settings = exceptionalSettings(address, context.plan, context.globalMaxBytes, context.defaults);
  const extra = settings === undefined ? {} : { settings };
  switch (spec.type) {
    case 'queue':
    case 'deadletter':
      return { address: spec.address, routing: 'ANYCAST', queue: { name: spec.address }, ...extra };
    case 'topic':
      return { address: spec.address, routing: 'MULTICAST', ...extra };
    case 'subscription':
      if (spec.topic === undefined) return undefined;
      return {
        address: spec.topic,
        routing: 'MULTICAST',
        queue: { name: spec.address, maxConsumers: maxConsumersOf(spec) },
      };
    case 'anycast':
    case 'multicast':
      return undefined;
  }
}

/** How clients name the address: `topic::subscription` for subscriptions. For `foldPermissions` too. */
export function clientAddress({ spec }: Pick<Address, 'spec'>): string {
  return spec.type === 'subscription' && spec.topic !== undefined
    ? `${spec.topic}::${spec.address}`
    : spec.address;
}

/** The values in force, as the status of the Address shows them. */
export function effectiveStatus(
  address: Pick<Address, 'spec'>,
  plan: ResolvedAddressPlan,
): Pick<AddressStatus, 'planStatus' | 'messageTtl' | 'messageRedelivery' | 'subscription'> {
  const { spec } = address;
  return {
    planStatus: { name: plan.name, partitions: 1, resources: { broker: plan.brokerMicros / 1_000_000 } },
    ...effectiveValues(address, plan),
    ...(spec.type === 'subscription' ? { subscription: { maxConsumers: maxConsumersOf(spec) } } : {}),
  };
}

function maxConsumersOf(spec: Address['spec']): number {
  return spec.subscription?.maxConsumers ?? subscriptionConsumers;
}
