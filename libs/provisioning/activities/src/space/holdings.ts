import type { ObservedBroker } from '@samband/topology';

/** What a broker holds for its tenants, as it was last seen and as it was changed since. */
export interface Holdings {
  /** Queues that were made for an Address, and the address that each lies on. */
  readonly queues: Map<string, string>;
  readonly addresses: Set<string>;
  /** Durable subscriptions that clients made for themselves, by the name of their queue. */
  readonly subscriptions: Map<string, ClientSubscription>;
}

export interface ClientSubscription {
  /** Its topic. */
  readonly address: string;
  readonly messages: number;
  /** Not so while it is parked. */
  readonly isEnabled: boolean;
}

export function holdingsOf({ queues, addresses }: ObservedBroker): Holdings {
  const clients = queues.filter(({ isClients }) => isClients);
  return {
    queues: new Map(queues.filter(({ isClients }) => !isClients).map(({ name, address }) => [name, address])),
    addresses: new Set(addresses.map(({ name }) => name)),
    subscriptions: new Map(
      clients.map(({ name, address, messageCount, isEnabled }) => [
        name,
        { address, messages: messageCount, isEnabled },
      ]),
    ),
  };
}

export function noHoldings(): Holdings {
  return { queues: new Map(), addresses: new Set(), subscriptions: new Map() };
}

/** Addresses that have a queue of whoever's. */
export function addressesInUse({ queues, subscriptions }: Holdings): Set<string> {
  return new Set([...queues.values(), ...[...subscriptions.values()].map(({ address }) => address)]);
}
