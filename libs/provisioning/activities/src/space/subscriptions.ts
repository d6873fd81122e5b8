import type { AddressSpace, ClientSubscriptions } from '@samband/resources';
import type { Ports } from '../ports.js';
import type { SpaceFacts } from './gather.js';
import type { Holdings } from './holdings.js';
import { shownName } from './queue-names.js';
import type { BrokerSession } from './sessions.js';

/** Subscriptions that a status lists: those that hold the most. */
const listed = 100;

/**
 * How many durable subscriptions clients may have made for themselves: what the memory of the broker leaves beside the
 * declared addresses. Where there are as many, no new ones can be made until some are gone.
 */
export function countSubscriptions(
  ports: Pick<Ports, 'sha256'>,
  { subscriptions }: Pick<Holdings, 'subscriptions'>,
  { plan }: Pick<SpaceFacts, 'plan'>,
  declared: number,
): ClientSubscriptions {
  const holding = [...subscriptions]
    .filter(([, { messages }]) => messages > 0)
    .map(([name, { address, messages }]) => ({ address: shownName(ports, `${address}::${name}`), messages }))
    .sort((a, b) => b.messages - a.messages || (a.address < b.address ? -1 : 1));
  return {
    count: subscriptions.size,
    allowed: Math.max(0, plan.broker.maxQueues - declared),
    holding: holding.slice(0, listed),
  };
}

/** Takes the right to make more away where there is no room, and says so once. */
export async function boundSubscriptions(
  { events }: Ports,
  session: BrokerSession,
  space: AddressSpace,
  { count, allowed }: ClientSubscriptions,
): Promise<void> {
  const isFull = count >= allowed;
  const wasFull = session.hasAllSubscriptions ?? isFullIn(space);
  session.hasAllSubscriptions = isFull;
  if (!isFull || wasFull) return;
  await events.record(
    space,
    'Warning',
    'SubscriptionsExhausted',
    `clients have made ${count} durable subscriptions, the plan has room for ${allowed}: no more can be made; see status.subscriptions, end some, or give the space another plan`,
  );
}

function isFullIn({ status }: AddressSpace): boolean {
  const { count, allowed } = status?.subscriptions ?? {};
  return count !== undefined && allowed !== undefined && count >= allowed;
}
