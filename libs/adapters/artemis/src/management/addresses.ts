import { SambandError } from '@samband/errors';
import {
  addressNameFault,
  type BulkProgress,
  type DesiredAddress,
  type ItemResult,
  type ObservedBroker,
} from '@samband/topology';
import type { ManagementPool } from './pool.js';
import { conflict, failed, fine, isRefusal } from './results.js';
import { observe } from './views.js';

/** From this many on, names are looked up in the lists of all names, which are quick (10,000 in 64 ms). */
const namesPayFrom = 50;
/** From this many on that exist already, listing them with what they are is cheaper than asking for each. */
const listingPaysFrom = 200;

interface KnownQueue {
  readonly address: string;
  readonly routing: string;
  readonly maxConsumers: number;
  readonly isEnabled: boolean;
}

/** What is known of the broker before something is created; `undefined` is "not there". */
interface Known {
  queue(name: string): Promise<KnownQueue | undefined>;
  routings(address: string): Promise<readonly string[] | undefined>;
}

/**
 * Creates what is missing and changes what may be changed. Never asks Artemis to ignore what exists already: it
 * would say yes to a queue of another routing too. What it refuses to create is compared, what it created is read back.
 */
export async function ensureAddresses(
  pool: ManagementPool,
  addresses: readonly DesiredAddress[],
  progress: BulkProgress = {},
): Promise<ItemResult[]> {
  const results = new Array<ItemResult>(addresses.length);
  const known = await lookUp(pool, addresses);
  const created: { index: number; queue?: string; address: string }[] = [];
  // Subscriptions after the topics that they may come with.
  const order = addresses.map((_, index) => index);
  const first = order.filter((index) => !isSubscription(addresses[index]));
  const second = order.filter((index) => isSubscription(addresses[index]));
  let before = 0;
  for (const part of [first, second]) {
    const offset = before;
    await pool.forEach(
      part,
      async (index) => {
        const desired = addresses[index];
        if (desired === undefined) return;
        try {
          if (await ensureOne(pool, known, desired)) {
            const queue = desired.queue?.name;
            created.push({ index, address: desired.address, ...(queue === undefined ? {} : { queue }) });
          }
          results[index] = fine;
        } catch (error) {
          results[index] = failed(error);
        }
      },
      withOffset(progress, offset),
    );
    before += part.length;
  }
  for (const index of await missingAfterwards(pool, created)) {
    results[index] = {
      ok: false,
      code: 'BROKER_REFUSED',
      message: 'the broker confirmed it, but does not have it',
    };
  }
  return results;
}

/** As little as tells what exists: in most cases nothing of what is to be created. */
async function lookUp(pool: ManagementPool, wanted: readonly DesiredAddress[]): Promise<Known> {
  const questions = fromQuestions(pool);
  if (wanted.length < namesPayFrom) return questions;
  const [queues, addresses] = (
    await Promise.all(['getQueueNames', 'getAddressNames'].map((names) => pool.invoke('broker', names, [])))
  ).map(asNames);
  const existing = wanted.filter(
    ({ address, queue }) => addresses?.has(address) === true || queues?.has(queue?.name ?? address) === true,
  );
  if (existing.length >= listingPaysFrom) return fromListing(await observe(pool));
  return {
    queue: (name) => (queues?.has(name) === true ? questions.queue(name) : Promise.resolve(undefined)),
    routings: (name) =>
      addresses?.has(name) === true ? questions.routings(name) : Promise.resolve(undefined),
  };
}

/** @returns whether something was created */
async function ensureOne(pool: ManagementPool, known: Known, desired: DesiredAddress): Promise<boolean> {
  for (const name of [desired.address, desired.queue?.name ?? desired.address]) {
    const reason = addressNameFault(name);
    if (reason !== undefined) throw new SambandError('BROKER_REFUSED', `"${name}": ${reason}`);
  }
  const routings = await known.routings(desired.address);
  if (routings !== undefined && routings.length > 0 && !sameRouting(routings, desired)) {
    throw conflict(`${desired.address} exists as ${routings.join(', ')}, not as ${desired.routing}`);
  }
  if (desired.queue === undefined) {
    if (routings?.length) return false;
    return createAddress(pool, desired, routings !== undefined);
  }
  const { name, maxConsumers = -1 } = desired.queue;
  const existing = await known.queue(name);
  if (existing !== undefined) {
    await adapt(pool, desired, existing);
    return false;
  }
  const queue = {
    name,
    address: desired.address,
    'routing-type': desired.routing,
    durable: true,
    'max-consumers': maxConsumers,
    'auto-create-address': true,
    'auto-delete': false,
  };
  try {
    await pool.invoke('broker', 'createQueue', [JSON.stringify(queue), false]);
    return true;
  } catch (error) {
    if (!isRefusal(error, 'queueExists')) throw error;
    const now = await fromQuestions(pool).queue(name);
    if (now === undefined) throw error;
    await adapt(pool, desired, now);
    return false;
  }
}

async function createAddress(
  pool: ManagementPool,
  desired: DesiredAddress,
  exists: boolean,
): Promise<boolean> {
  try {
    await pool.invoke('broker', exists ? 'updateAddress' : 'createAddress', [
      desired.address,
      desired.routing,
    ]);
    return true;
  } catch (error) {
    if (!isRefusal(error, 'addressExists')) throw error;
    const routings = (await fromQuestions(pool).routings(desired.address)) ?? [];
    if (!sameRouting(routings, desired)) {
      throw conflict(`${desired.address} exists as ${routings.join(', ')}, not as ${desired.routing}`);
    }
    return false;
  }
}

/** Brings a queue to what may be changed in place; a different address or routing is somebody else's queue. */
async function adapt(pool: ManagementPool, desired: DesiredAddress, existing: KnownQueue): Promise<void> {
  const { name = '', maxConsumers = -1 } = desired.queue ?? {};
  if (existing.address !== desired.address) {
    throw conflict(`queue ${name} exists below ${existing.address}: names of queues are unique in a broker`);
  }
  if (existing.routing !== desired.routing) {
    throw conflict(`queue ${name} exists as ${existing.routing}, not as ${desired.routing}`);
  }
  if (existing.maxConsumers !== maxConsumers) {
    await pool.invoke('broker', 'updateQueue', [JSON.stringify({ name, 'max-consumers': maxConsumers })]);
  }
  // A subscription that was parked takes part in its topic again.
  if (!existing.isEnabled) {
    await pool.invoke('broker', 'updateQueue', [JSON.stringify({ name, enabled: true })]);
  }
}

/** Indices of what was created and is not there. */
async function missingAfterwards(
  pool: ManagementPool,
  created: readonly { index: number; queue?: string; address: string }[],
): Promise<number[]> {
  if (created.length === 0) return [];
  const queues = created.some(({ queue }) => queue !== undefined)
    ? asNames(await pool.invoke('broker', 'getQueueNames', []))
    : new Set<string>();
  const addresses = created.some(({ queue }) => queue === undefined)
    ? asNames(await pool.invoke('broker', 'getAddressNames', []))
    : new Set<string>();
  return created
    .filter(({ queue, address }) => (queue === undefined ? !addresses.has(address) : !queues.has(queue)))
    .map(({ index }) => index);
}

function asNames(value: unknown): Set<string> {
  return new Set(Array.isArray(value) ? value.map(String) : []);
}

function fromListing({ queues, addresses }: ObservedBroker): Known {
  const byName = new Map(queues.map((queue) => [queue.name, queue]));
  const byAddress = new Map(addresses.map(({ name, routings }) => [name, routings]));
  return {
    queue: (name) => Promise.resolve(byName.get(name)),
    routings: (address) => Promise.resolve(byAddress.get(address)),
  };
}

function fromQuestions(pool: ManagementPool): Known {
  return {
    queue: async (name) => {
      const [address, routing, maxConsumers, enabled] = await Promise.all(
        ['Address', 'RoutingType', 'MaxConsumers', 'Enabled'].map((attribute) =>
          unlessMissing(pool.attribute(`queue.${name}`, attribute)),
        ),
      );
      if (typeof address !== 'string' || typeof routing !== 'string') return undefined;
      return { address, routing, maxConsumers: Number(maxConsumers), isEnabled: enabled !== false };
    },
    routings: async (address) => {
      const routings = await unlessMissing(pool.attribute(`address.${address}`, 'RoutingTypes'));
      return Array.isArray(routings) ? routings.map(String) : undefined;
    },
  };
}

/** `undefined` when the broker says that there is no such queue or address. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const unknown = isRefusal(error, 'resourceMissing', 'queueMissing', 'addressMissing');
    if (unknown || (error as Error).message.includes('Problem while retrieving attribute')) return undefined;
    throw error;
  }
}

function isSubscription(desired: DesiredAddress | undefined): boolean {
  return desired?.routing === 'MULTICAST' && desired.queue !== undefined;
}

function sameRouting(routings: readonly string[], desired: DesiredAddress): boolean {
  return routings.length === 1 && routings[0] === desired.routing;
}

function withOffset({ onProgress, signal }: BulkProgress, offset: number): BulkProgress {
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined
      ? {}
      : {
          onProgress: (done: number) => {
            onProgress(offset + done);
          },
        }),
  };
}
