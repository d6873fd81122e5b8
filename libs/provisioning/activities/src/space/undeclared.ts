import { isInternal } from '@samband/topology';
import { kindRef, spaceOfAddress, type Address } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import { addressesOf, clientAddress } from './address-set.js';
import { addressesInUse, holdingsOf, type Holdings } from './holdings.js';
import type { BrokerSession } from './sessions.js';

/** A queue that no Address declares. */
export interface Orphan {
  readonly queue: string;
  readonly address: string;
}

/**
 * A queue is declared where it lies: the queue `audit` is not the subscription `audit` of a topic. What clients made for
 * themselves is declared with its topic.
 */
export function orphansOf({ queues, subscriptions }: Holdings, addresses: readonly Address[]): Orphan[] {
  const declared = new Set(addresses.filter(({ spec }) => spec.type !== 'topic').map(clientAddress));
  const topics = new Set(addresses.filter(({ spec }) => spec.type === 'topic').map(clientAddress));
  return [
    ...[...queues].map(([queue, address]) => ({ queue, address })),
    ...[...subscriptions]
      .filter(([, { address }]) => !topics.has(address))
      .map(([queue, { address }]) => ({ queue, address })),
  ].filter((orphan) => !declared.has(closedName(orphan)) && !isInternal(orphan.address));
}

/** Addresses without a queue of their own that nobody declares; those with queues go when their queues do. */
export function orphanTopics(known: Holdings, addresses: readonly Address[]): string[] {
  const declared = new Set(addresses.map(({ spec }) => spec.address));
  const inUse = addressesInUse(known);
  return [...known.addresses].filter((name) => !declared.has(name) && !inUse.has(name) && !isInternal(name));
}

/**
 * What nobody may use, as `foldPermissions` names it. The topic of a subscription is closed with it where it is not
 * declared either: a client may have chosen a name that no permission can be kept for.
 */
export function closedNames(
  orphans: readonly Orphan[],
  topics: readonly string[],
  addresses: readonly Address[],
): Set<string> {
  const declared = new Set(addresses.map(({ spec }) => spec.address));
  const undeclared = orphans.map(({ address }) => address).filter((address) => !declared.has(address));
  return new Set([...orphans.map(closedName), ...undeclared, ...topics]);
}

/** As `foldPermissions` names it: `topic::subscription` where the queue lies on another address. */
export function closedName({ queue, address }: Orphan): string {
  return queue === address ? address : `${address}::${queue}`;
}

/** What the API server itself says: a watch may lag behind. */
export async function listAddresses({ store }: Ports, { namespace, name }: EntityRef): Promise<Address[]> {
  const { items } = await store.list(kindRef('Address'), { namespace });
  return (items as unknown as Address[]).filter(({ metadata }) => spaceOfAddress(metadata.name) === name);
}

/**
 * What nobody may use. A session that is new asks the broker: who writes permissions without knowing it would open
 * again what was closed before.
 */
export async function closedOn(
  ports: Ports,
  session: BrokerSession,
  space: EntityRef,
): Promise<ReadonlySet<string>> {
  if (session.closed !== undefined) return session.closed;
  const known = holdingsOf(await session.management.observe());
  const declared = [...addressesOf(ports, space), ...(await listAddresses(ports, space))];
  session.closed = closedNames(orphansOf(known, declared), orphanTopics(known, declared), declared);
  return session.closed;
}
