import type { Address, AddressSpace, ParkedAddress } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import type { Running } from '../running.js';
import { addressesInUse, noHoldings, type Holdings } from './holdings.js';
import { destroyAtOf, isDue, parkedNow, parkTime } from './park-time.js';
import { applyPermissions } from './permissions.js';
import { shownName } from './queue-names.js';
import { lookAgainMs, type BrokerSession } from './sessions.js';
import {
  closedName,
  closedNames,
  listAddresses,
  orphansOf,
  orphanTopics,
  type Orphan,
} from './undeclared.js';

export interface Settled {
  readonly destroyed: number;
  readonly parked: readonly ParkedAddress[];
  /** Something could not be removed or parked; it is tried again. */
  readonly isUnfinished: boolean;
  /** When the first parked queue may be destroyed, RFC 3339. */
  readonly nextEnd?: string;
}

/**
 * What becomes of queues and topics whose Address is gone. Sending is revoked first, then messages are counted:
 * an empty queue is destroyed; one with messages is parked, where nobody may attach, until its time is up or its
 * Address comes back. Since nobody may, what was counted a moment ago is not counted again before its time is up.
 */
export async function settleOrphans(
  ports: Ports,
  session: BrokerSession,
  space: AddressSpace,
  addresses: readonly Address[],
  run: Running,
): Promise<Settled> {
  const known = session.observed ?? noHoldings();
  const before = new Map((space.status?.parkedAddresses ?? []).map((one) => [one.queue, one]));
  const isOver = ({ destroyAt }: ParkedAddress): boolean => isDue(ports, destroyAt);
  let declared = addresses;
  let orphans = orphansOf(known, declared);
  let topics = orphanTopics(known, declared);
  const isUnsure = orphans.some((orphan) => {
    const parked = before.get(shownName(ports, orphan.queue));
    return !session.counted.has(closedName(orphan)) || (parked !== undefined && isOver(parked));
  });
  const isSure = isUnsure || topics.length > 0;
  if (isSure) {
    // A watch may lag behind; nothing is taken away before the API server itself has been asked.
    declared = [...addresses, ...(await listAddresses(ports, refOfSpace(space)))];
    orphans = orphansOf(known, declared);
    topics = orphanTopics(known, declared);
  }
  const closed = closedNames(orphans, topics, declared);
  const opened = [...(session.closed ?? [])].filter((name) => !closed.has(name));
  session.closed = closed;
  for (const orphan of orphans) session.applied.delete(closedName(orphan));
  for (const name of [...topics, ...opened]) session.applied.delete(name);
  for (const name of opened) session.counted.delete(name);
  run.signal.throwIfAborted();
  await reopen(session, known, orphans);
  if (orphans.length + topics.length > 0)
    await applyPermissions(ports, session, refOfSpace(space), undefined);

  const resting = new Map<Orphan, ParkedAddress>();
  for (const orphan of orphans) {
    const messages = messagesOf(ports, session, orphan);
    if (messages === undefined) continue;
    const one = parkedOf(ports, space, orphan, messages, before.get(shownName(ports, orphan.queue)));
    if (!isOver(one)) resting.set(orphan, one);
  }
  const asked = orphans.filter((orphan) => !resting.has(orphan));
  const results = await session.management.removeQueues(asked, {
    signal: run.signal,
    onProgress: (done) => {
      run.beat(`${done} of ${asked.length} removed addresses`);
    },
  });
  const parked = [...resting.values()];
  let destroyed = 0;
  let isUnfinished = false;
  for (const [index, orphan] of asked.entries()) {
    const name = closedName(orphan);
    const result = results[index];
    const earlier = before.get(shownName(ports, orphan.queue));
    if (result === undefined || result.outcome === 'failed') {
      isUnfinished = true;
      session.counted.delete(name);
      if (earlier !== undefined) parked.push(earlier);
      continue;
    }
    if (result.outcome === 'kept') {
      noteParked(known, orphan, result.messages);
      const one = parkedOf(ports, space, orphan, result.messages, earlier);
      // What turns out to be due only now was not asked for: the next run, which comes at once, does.
      if (!isOver(one) || !isSure) {
        if (isOver(one)) isUnfinished = true;
        parked.push(one);
        const isNew = earlier === undefined && !session.counted.has(name);
        session.counted.set(name, { messages: result.messages, at: ports.steadyNow() });
        if (isNew) await tellParked(ports, space, one);
        continue;
      }
      run.signal.throwIfAborted();
      await session.management.purgeAndDestroy(orphan);
    }
    destroyed += 1;
    known.queues.delete(orphan.queue);
    known.subscriptions.delete(orphan.queue);
    closed.delete(name);
    session.counted.delete(name);
  }
  const inUse = addressesInUse(known);
  // The address of a queue goes with it; a topic that its last subscription has left is the next run's.
  for (const { queue, address } of orphans)
    if (queue === address && !inUse.has(address)) known.addresses.delete(address);
  if (orphanTopics(known, declared).length > topics.length) isUnfinished = true;
  if (topics.length > 0) {
    const removed = await session.management.removeAddresses(topics, { signal: run.signal });
    for (const [index, topic] of topics.entries()) {
      if (removed[index]?.ok === true) {
        known.addresses.delete(topic);
        closed.delete(topic);
        destroyed += 1;
      } else {
        // Somebody made a queue on it that is not known here: only a full look tells what.
        session.observed = undefined;
        isUnfinished = true;
      }
    }
  }
  parked.sort((a, b) =>
    a.destroyAt < b.destroyAt ? -1 : a.destroyAt > b.destroyAt ? 1 : a.queue < b.queue ? -1 : 1,
  );
  const [first] = parked;
  return {
    destroyed,
    parked,
    isUnfinished,
    ...(first === undefined ? {} : { nextEnd: first.destroyAt }),
  };
}

/** Subscriptions of clients whose topic came back take messages again, before anybody may send to it. */
async function reopen(session: BrokerSession, known: Holdings, orphans: readonly Orphan[]): Promise<void> {
  const parked = new Set(orphans.map(({ queue }) => queue));
  const back = [...known.subscriptions].filter(([queue, { isEnabled }]) => !isEnabled && !parked.has(queue));
  if (back.length === 0) return;
  await session.management.enableQueues(back.map(([queue]) => queue));
  for (const [queue, one] of back) known.subscriptions.set(queue, { ...one, isEnabled: true });
}

function noteParked({ subscriptions }: Holdings, { queue }: Orphan, messages: number): void {
  const one = subscriptions.get(queue);
  if (one !== undefined) subscriptions.set(queue, { ...one, messages, isEnabled: false });
}

/** As they were counted, unless that is long ago or somebody may have changed the broker since. */
function messagesOf(
  { steadyNow }: Ports,
  { counted, isDoubted }: BrokerSession,
  orphan: Orphan,
): number | undefined {
  const last = counted.get(closedName(orphan));
  const isOld = last === undefined || steadyNow().getTime() - last.at.getTime() > lookAgainMs;
  return isDoubted || isOld ? undefined : last.messages;
}

async function tellParked({ events }: Ports, space: AddressSpace, one: ParkedAddress): Promise<void> {
  await events.record(
    space,
    'Normal',
    'MessagesKept',
    `address ${one.address} is gone and its queue holds ${one.messages} messages: it is parked until ${one.destroyAt}`,
  );
}

function parkedOf(
  ports: Ports,
  space: AddressSpace,
  orphan: Orphan,
  messages: number,
  before: ParkedAddress | undefined,
): ParkedAddress {
  const parkedAt = before?.parkedAt ?? parkedNow(ports);
  return {
    address: shownName(ports, closedName(orphan)),
    queue: shownName(ports, orphan.queue),
    messages,
    parkedAt,
    destroyAt: destroyAtOf(parkedAt, parkTime(space).ms),
  };
}

function refOfSpace({ metadata }: AddressSpace): EntityRef {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}
