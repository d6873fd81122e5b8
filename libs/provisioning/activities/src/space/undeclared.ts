import { isInternal } from '@samband/topology';
import { kindRef, spaceOfAddress, type Address } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import { addressesOf, clientAddress } from './address-set.js';
import type { BrokerSession } from './sessions.js';

/** A queue that no Address declares. */
export interface Orphan {
  readonly queue: string;
  readonly address: string;
}

/** A queue is declared where it lies: the queue `audit` is not the subscription `audit` of a topic. */
export function orphansOf(queues: ReadonlyMap<string, string>, addresses: readonly Address[]): Orphan[] {
  const declared = new Set(addresses.filter(({ spec }) => spec.type !== 'topic').map(clientAddress));
  return [...queues]
    .map(([queue, address]) => ({ queue, address }))
    .filter(
      (orphan) =>
        !declared.has(closedName(orphan)) && !isInternal(orphan.queue) && !isInternal(orphan.address),
    );
}

/** Addresses without a queue of their own that nobody declares; those with queues go when their queues do. */
export function orphanTopics(
  known: { queues: ReadonlyMap<string, string>; addresses: ReadonlySet<string> },
  addresses: readonly Address[],
): string[] {
  const declared = new Set(addresses.map(({ spec }) => spec.address));
  const inUse = new Set(known.queues.values());
  return [...known.addresses].filter((name) => !declared.has(name) && !inUse.has(name) && !isInternal(name));
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
  const observed = await session.management.observe();
  const known = {
    queues: new Map(observed.queues.map(({ name, address }) => [name, address])),
    addresses: new Set(observed.addresses.map(({ name }) => name)),
  };
  const declared = [...addressesOf(ports, space), ...(await listAddresses(ports, space))];
  session.closed = new Set([
    ...orphansOf(known.queues, declared).map(closedName),
    ...orphanTopics(known, declared),
  ]);
  return session.closed;
}
