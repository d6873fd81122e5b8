import { SambandError } from '@samband/errors';
import {
  isInternal,
  type AddressSettings,
  type BrokerManagement,
  type DesiredAddress,
  type ItemResult,
  type MemoryUse,
  type ObservedQueue,
  type RemovalResult,
} from '@samband/topology';
import { Killed } from './bulk-calls.js';
import { ExactMatches } from './exact-matches.js';

type PermissionMatches = Parameters<BrokerManagement['setPermissions']>[0];

interface Queue {
  readonly name: string;
  readonly address: string;
  readonly routing: 'ANYCAST' | 'MULTICAST';
  maxConsumers: number;
  messages: number;
  isEnabled: boolean;
  /** Made by a client, not through management. */
  readonly isClients: boolean;
}

export interface MemoryBroker {
  /** Management as one connection to the broker sees it. */
  connect(): BrokerManagement;
  /** Queues by name, with their messages. */
  queues(): Record<string, number>;
  addresses(): string[];
  /** By match. */
  permissions(): PermissionMatches;
  settings(): Record<string, AddressSettings>;
  /** Takes the permissions and settings of a match away, behind the back of whoever wrote them. */
  removeByHand(match: string): void;
  /** Puts messages into a queue, as a client would. */
  send(queue: string, messages: number): void;
  /** Makes a durable subscription, as a client does by attaching to a topic. */
  subscribe(topic: string, name: string): void;
  /** Whether a queue takes messages. */
  isEnabled(queue: string): boolean;
  /** Takes all messages away, as consumers would. */
  drain(queue: string): void;
  /** Names that the broker refuses to create. */
  readonly refused: Set<string>;
  /** What was asked of it, in order, e.g. `removeQueues orders`. */
  readonly calls: string[];
  /** Users with an open connection. */
  readonly connected: Set<string>;
  /** Users whose connections were closed, in order. */
  readonly closed: string[];
  /** While set, nothing answers. */
  isAway: boolean;
  /** How many messages lie where no team can reach them. */
  deadLetters: number;
  /** What its messages take. */
  memory: MemoryUse;
  /** Everything connected so far hears no more answers; the journal stays. */
  restart(): void;
}

/** A broker's management in memory, with the rules that the real one has (`libs/adapters/artemis`). */
export function createMemoryBroker(): MemoryBroker {
  const queues = new Map<string, Queue>();
  const addresses = new Map<string, Set<string>>();
  const permissions = new ExactMatches<PermissionMatches[number]>();
  const settings = new ExactMatches<AddressSettings>();
  let incarnation = 0;
  const calls: string[] = [];
  const connected = new Set<string>();
  const closed: string[] = [];
  const refused = new Set<string>();

  const broker: MemoryBroker = {
    refused,
    calls,
    connected,
    closed,
    isAway: false,
    deadLetters: 0,
    memory: { usedBytes: 0, maxBytes: 1024 * 1024, largest: [] },
    queues: () => Object.fromEntries([...queues.values()].map(({ name, messages }) => [name, messages])),
    addresses: () => [...addresses.keys()].sort(),
    permissions: () => [...permissions.held.values()].sort((a, b) => a.match.localeCompare(b.match)),
    settings: () => Object.fromEntries(settings.held),
    removeByHand(match) {
      permissions.held.delete(match);
      settings.held.delete(match);
    },
    send(name, messages) {
      const queue = queues.get(name);
      if (queue === undefined) throw new Error(`there is no queue ${name}`);
      queue.messages += messages;
    },
    subscribe(topic, name) {
      const queue = { name, address: topic, routing: 'MULTICAST', maxConsumers: 1 } as const;
      queues.set(name, { ...queue, messages: 0, isEnabled: true, isClients: true });
    },
    isEnabled: (name) => queues.get(name)?.isEnabled === true,
    drain(name) {
      const queue = queues.get(name);
      if (queue !== undefined) queue.messages = 0;
    },
    restart() {
      incarnation += 1;
      connected.clear();
    },
    connect: () => management(incarnation),
  };

  function management(of: number): BrokerManagement {
    const call = (what: string): void => {
      if (broker.isAway || of !== incarnation)
        throw new SambandError('BROKER_UNAVAILABLE', 'the broker does not answer');
      calls.push(what);
    };
    const answer = <T>(work: () => T): Promise<T> =>
      new Promise((resolve) => {
        resolve(work());
      });
    return {
      observe: () =>
        answer(() => {
          call('observe');
          return {
            queues: [...queues.values()].filter(({ address }) => !isInternal(address)).map(observed),
            addresses: [...addresses]
              .filter(([name]) => !isInternal(name))
              .map(([name, routings]) => ({ name, routings: [...routings] })),
          };
        }),
      ensureAddresses: (wanted, progress = {}) =>
        answer(() =>
          wanted.map((one, index) => {
            progress.signal?.throwIfAborted();
            call(`ensure ${one.queue?.name ?? one.address}`);
            const result = resultOf(() => {
              ensure(one);
            });
            progress.onProgress?.(index + 1);
            return result;
          }),
        ),
      removeQueues: (wanted, progress = {}) =>
        answer(() =>
          wanted.map(({ queue, address }, index): RemovalResult => {
            progress.signal?.throwIfAborted();
            call(`remove ${queue}`);
            const messages = queues.get(queue)?.messages ?? 0;
            if (messages === 0) destroy(queue, address);
            else if (queue !== address) enable(queue, false);
            progress.onProgress?.(index + 1);
            return messages === 0 ? { outcome: 'destroyed' } : { outcome: 'kept', messages };
          }),
        ),
      removeAddresses: (names, progress = {}) =>
        answer(() =>
          names.map((name) => {
            progress.signal?.throwIfAborted();
            call(`remove address ${name}`);
            return resultOf(() => {
              const queue = [...queues.values()].find(({ address }) => address === name);
              if (queue !== undefined)
                throw new SambandError('BROKER_CONFLICT', `${name} still has the queue ${queue.name}`);
              addresses.delete(name);
            });
          }),
        ),
      enableQueues: (names) =>
        answer(() => {
          call(`enable ${names.join(', ')}`);
          for (const name of names) enable(name, true);
        }),
      purgeAndDestroy: ({ queue, address }) =>
        answer(() => {
          call(`purge ${queue}`);
          destroy(queue, address);
        }),
      setPermissions: (matches, options) =>
        answer(() => {
          call('permissions');
          const refused = matches.find(({ match }) => isInternal(match));
          if (refused !== undefined)
            throw new SambandError('BROKER_REFUSED', `permissions for "${refused.match}"`);
          return permissions.apply(new Map(matches.map((match) => [match.match, match])), options);
        }),
      setAddressSettings: (wanted, options) =>
        answer(() => {
          options?.signal?.throwIfAborted();
          call('settings');
          return settings.apply(wanted, options);
        }),
      forgetLogins: () =>
        answer(() => {
          call('forget logins');
        }),
      closeStrangers: (admitted) =>
        answer(() => {
          call('close strangers');
          const strangers = [...connected].filter((name) => !admitted.includes(name));
          for (const name of strangers) connected.delete(name);
          closed.push(...strangers);
          return strangers.length;
        }),
      closeConnections: (usernames) =>
        answer(() => {
          call(`close connections of ${usernames.join(', ')}`);
          const found = usernames.filter((name) => connected.delete(name));
          closed.push(...found);
          return found.length;
        }),
      shutOut: () =>
        answer(() => {
          call('shut out');
          closed.push(...connected);
          connected.clear();
        }),
      countMessages: () =>
        answer(() => {
          call('count');
          const held = [...queues.values()]
            .map(({ messages }) => messages)
            .filter((messages) => messages > 0);
          return { queues: held.length, messages: held.reduce((sum, one) => sum + one, 0), transient: 0 };
        }),
      memoryUse: () => answer(() => broker.memory),
      messagesIn: (names) =>
        answer(() => {
          call(`count ${names.join(', ')}`);
          return names.map((name) => queues.get(name)?.messages ?? 0);
        }),
      returnDeadLetters: () =>
        answer(() => {
          broker.deadLetters = 0;
        }),
      close: () => Promise.resolve(),
    };
  }

  function ensure({ address, routing, queue }: DesiredAddress): void {
    if (refused.has(address) || (queue !== undefined && refused.has(queue.name)))
      throw new SambandError('BROKER_REFUSED', `"${address}": is refused`);
    const routings = addresses.get(address);
    if (routings !== undefined && !routings.has(routing))
      throw new SambandError('BROKER_CONFLICT', `${address} exists as ${[...routings].join(', ')}`);
    const existing = queue === undefined ? undefined : queues.get(queue.name);
    if (existing !== undefined && (existing.address !== address || existing.routing !== routing))
      throw new SambandError('BROKER_CONFLICT', `queue ${existing.name} exists below ${existing.address}`);
    addresses.set(address, new Set([routing]));
    if (queue === undefined) return;
    const maxConsumers = queue.maxConsumers ?? -1;
    if (existing === undefined)
      queues.set(queue.name, {
        name: queue.name,
        address,
        routing,
        maxConsumers,
        messages: 0,
        isEnabled: true,
        isClients: false,
      });
    else {
      existing.maxConsumers = maxConsumers;
      existing.isEnabled = true;
    }
  }

  function enable(name: string, isEnabled: boolean): void {
    const queue = queues.get(name);
    if (queue !== undefined) queue.isEnabled = isEnabled;
  }

  /** The address of a queue goes with it; a topic stays when one of its subscriptions goes. */
  function destroy(queue: string, address: string): void {
    queues.delete(queue);
    const isInUse = [...queues.values()].some((other) => other.address === address);
    if (queue === address && !isInUse) addresses.delete(address);
  }

  return broker;
}

function observed({ messages, ...queue }: Queue): ObservedQueue {
  return { ...queue, messageCount: messages, consumerCount: 0 };
}

function resultOf(work: () => void): ItemResult {
  try {
    work();
    return { ok: true };
  } catch (error) {
    if (error instanceof Killed) throw error;
    const { code, message } = error as SambandError;
    return { ok: false, code, message };
  }
}
