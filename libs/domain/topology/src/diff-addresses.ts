import { isInternal } from './address-names.js';
import type { DesiredAddress, ObservedBroker, ObservedQueue } from './ports.js';

/** What has to be done so that a broker holds what is desired. Settings are compared elsewhere. */
export interface AddressDiff {
  readonly create: readonly DesiredAddress[];
  /** There, but on another address, with other routing or another limit of receivers. */
  readonly change: readonly DesiredAddress[];
  /** Queues that nobody declares; they may hold messages. */
  readonly orphanQueues: readonly ObservedQueue[];
  /** Addresses that nobody declares and that have no queue. */
  readonly orphanAddresses: readonly string[];
}

/** Each desired queue is known by its name, each topic by its address. Internal names are nobody's orphans. */
export function diffAddresses(desired: readonly DesiredAddress[], observed: ObservedBroker): AddressDiff {
  const queues = new Map(observed.queues.map((queue) => [queue.name, queue]));
  const routings = new Map(observed.addresses.map(({ name, routings: each }) => [name, each]));
  const create: DesiredAddress[] = [];
  const change: DesiredAddress[] = [];
  for (const one of desired) {
    const state = stateOf(one, queues, routings);
    if (state === 'missing') create.push(one);
    else if (state === 'different') change.push(one);
  }
  const desiredQueues = new Set(desired.flatMap(({ queue }) => queue?.name ?? []));
  const desiredAddresses = new Set(desired.map(({ address }) => address));
  const inUse = new Set(observed.queues.map(({ address }) => address));
  return {
    create,
    change,
    orphanQueues: observed.queues.filter(
      ({ name, address }) => !desiredQueues.has(name) && !isInternal(name) && !isInternal(address),
    ),
    orphanAddresses: observed.addresses
      .map(({ name }) => name)
      .filter((name) => !desiredAddresses.has(name) && !inUse.has(name) && !isInternal(name)),
  };
}

function stateOf(
  { address, routing, queue }: DesiredAddress,
  queues: ReadonlyMap<string, ObservedQueue>,
  routings: ReadonlyMap<string, readonly string[]>,
): 'missing' | 'different' | 'same' {
  if (queue === undefined) {
    const found = routings.get(address);
    if (found === undefined) return 'missing';
    return found.includes(routing) ? 'same' : 'different';
  }
  const found = queues.get(queue.name);
  if (found === undefined) return 'missing';
  const isSame =
    found.address === address &&
    found.routing === routing &&
    found.maxConsumers === (queue.maxConsumers ?? -1) &&
    found.isEnabled;
  return isSame ? 'same' : 'different';
}
