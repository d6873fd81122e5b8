import { isInternal } from '@samband/topology';
import {
  annotations,
  kindRef,
  parseGoDuration,
  spaceOfAddress,
  type Address,
  type AddressSpace,
  type ParkedAddress,
} from '@samband/resources';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { applyPermissions } from './permissions.js';
import type { BrokerSession } from './sessions.js';

export interface Settled {
  readonly destroyed: number;
  readonly parked: readonly ParkedAddress[];
  /** When the first parked queue may be destroyed, RFC 3339. */
  readonly nextEnd?: string;
}

const day = 24 * 60 * 60 * 1_000;
const parkBounds = { min: 0, max: 366 * day };

interface Orphan {
  readonly queue: string;
  readonly address: string;
}

/**
 * What becomes of queues and topics whose Address is gone. Sending is revoked first, then messages are counted:
 * an empty queue is destroyed; one with messages is parked, where nobody may attach, until its time is up or its
 * Address comes back.
 */
export async function settleOrphans(
  ports: Ports,
  session: BrokerSession,
  space: AddressSpace,
  addresses: readonly Address[],
  run: Running,
): Promise<Settled> {
  const known = session.observed ?? { queues: new Map<string, string>(), addresses: new Set<string>() };
  let orphans = orphansOf(known.queues, addresses);
  let topics = orphanTopics(known, addresses);
  const isNew = orphans.some((orphan) => !session.closed.has(closedName(orphan)));
  if (isNew || topics.length > 0) {
    // A watch may lag behind; nothing is taken away before the API server itself has been asked.
    const fresh = await listAddresses(ports, space);
    orphans = orphansOf(known.queues, [...addresses, ...fresh]);
    topics = orphanTopics(known, [...addresses, ...fresh]);
  }
  const closed = new Set([...orphans.map(closedName), ...topics]);
  const opened = [...session.closed].filter((name) => !closed.has(name));
  session.closed = closed;
  for (const orphan of orphans) session.applied.delete(closedName(orphan));
  for (const name of [...topics, ...opened]) session.applied.delete(name);
  if (orphans.length + topics.length > 0)
    await applyPermissions(ports, session, refOfSpace(space), undefined);

  const results = await session.management.removeQueues(orphans, {
    signal: run.signal,
    onProgress: (done) => {
      run.beat(`${done} of ${orphans.length} removed addresses`);
    },
  });
  const before = new Map((space.status?.parkedAddresses ?? []).map((one) => [one.queue, one]));
  const parked: ParkedAddress[] = [];
  let destroyed = 0;
  for (const [index, orphan] of orphans.entries()) {
    const result = results[index];
    const one =
      result?.outcome === 'kept'
        ? parkedOf(ports, space, orphan, result.messages, before.get(orphan.queue))
        : undefined;
    if (one !== undefined && Date.parse(one.destroyAt) > ports.now().getTime()) {
      parked.push(one);
      if (!before.has(orphan.queue)) {
        await ports.events.record(
          space,
          'Normal',
          'MessagesKept',
          `address ${one.address} is gone and its queue holds ${one.messages} messages: it is parked until ${one.destroyAt}`,
        );
      }
      continue;
    }
    if (one !== undefined) await session.management.purgeAndDestroy(orphan);
    if (one !== undefined || result?.outcome === 'destroyed') {
      destroyed += 1;
      known.queues.delete(orphan.queue);
      session.closed.delete(closedName(orphan));
    }
  }
  const inUse = new Set(known.queues.values());
  for (const { address } of orphans) if (!inUse.has(address)) known.addresses.delete(address);
  if (topics.length > 0) {
    await session.management.removeAddresses(topics);
    for (const topic of topics) {
      known.addresses.delete(topic);
      session.closed.delete(topic);
    }
  }
  parked.sort((a, b) =>
    a.destroyAt < b.destroyAt ? -1 : a.destroyAt > b.destroyAt ? 1 : a.queue < b.queue ? -1 : 1,
  );
  const [first] = parked;
  return {
    destroyed: destroyed + topics.length,
    parked,
    ...(first === undefined ? {} : { nextEnd: first.destroyAt }),
  };
}

function orphansOf(queues: ReadonlyMap<string, string>, addresses: readonly Address[]): Orphan[] {
  const declared = new Set(
    addresses.filter(({ spec }) => spec.type !== 'topic').map(({ spec }) => spec.address),
  );
  return [...queues]
    .filter(([queue, address]) => !declared.has(queue) && !isInternal(queue) && !isInternal(address))
    .map(([queue, address]) => ({ queue, address }));
}

/** Addresses without a queue of their own that nobody declares; those with queues go when their queues do. */
function orphanTopics(
  known: { queues: ReadonlyMap<string, string>; addresses: ReadonlySet<string> },
  addresses: readonly Address[],
): string[] {
  const declared = new Set(addresses.map(({ spec }) => spec.address));
  const inUse = new Set(known.queues.values());
  return [...known.addresses].filter((name) => !declared.has(name) && !inUse.has(name) && !isInternal(name));
}

/** As `foldPermissions` names it: `topic::subscription` where the queue lies on another address. */
function closedName({ queue, address }: Orphan): string {
  return queue === address ? address : `${address}::${queue}`;
}

function parkedOf(
  ports: Ports,
  space: AddressSpace,
  orphan: Orphan,
  messages: number,
  before: ParkedAddress | undefined,
): ParkedAddress {
  const parkedAt = before?.parkedAt ?? ports.now().toISOString();
  const wish = space.metadata.annotations?.[annotations.parkFor];
  const parkFor = (wish === undefined ? undefined : parseGoDuration(wish, parkBounds)) ?? day;
  return {
    address: closedName(orphan),
    queue: orphan.queue,
    messages,
    parkedAt,
    destroyAt: new Date(Date.parse(parkedAt) + parkFor).toISOString(),
  };
}

async function listAddresses({ store }: Ports, { metadata }: AddressSpace): Promise<Address[]> {
  const { items } = await store.list(kindRef('Address'), { namespace: metadata.namespace ?? '' });
  return (items as unknown as Address[]).filter(
    (address) => spaceOfAddress(address.metadata.name) === metadata.name,
  );
}

function refOfSpace({ metadata }: AddressSpace): { namespace: string; name: string } {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}
