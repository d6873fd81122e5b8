import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { diffAddresses } from './diff-addresses.js';
import type { DesiredAddress, ObservedBroker, ObservedQueue } from './ports.js';

const queue = (name: string): DesiredAddress => ({ address: name, routing: 'ANYCAST', queue: { name } });
const topic = (address: string): DesiredAddress => ({ address, routing: 'MULTICAST' });
const subscription = (name: string, address: string, maxConsumers = 1): DesiredAddress => ({
  address,
  routing: 'MULTICAST',
  queue: { name, maxConsumers },
});
const held = (name: string, changed: Partial<ObservedQueue> = {}): ObservedQueue => ({
  name,
  address: name,
  routing: 'ANYCAST',
  maxConsumers: -1,
  messageCount: 0,
  consumerCount: 0,
  isEnabled: true,
  isClients: false,
  ...changed,
});

/** A broker that holds exactly what is desired. */
function holding(desired: readonly DesiredAddress[]): ObservedBroker {
  const routings = new Map(desired.map(({ address, routing }) => [address, [routing]]));
  return {
    queues: desired.flatMap(({ address, routing, queue: own }) =>
      own === undefined ? [] : [held(own.name, { address, routing, maxConsumers: own.maxConsumers ?? -1 })],
    ),
    addresses: [...routings].map(([name, each]) => ({ name, routings: each })),
  };
}

const desired = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      type: fc.constantFrom('queue', 'topic', 'sub'),
    }),
    { selector: ({ name }) => name },
  )
  .map((all) =>
    all.map(({ name, type }) =>
      type === 'queue' ? queue(name) : type === 'topic' ? topic(name) : subscription(name, 'news'),
    ),
  );

describe('the difference between what is desired and what a broker holds', () => {
  it('is nothing when it holds just that', () => {
    fc.assert(
      fc.property(desired, (all) => {
        expect(diffAddresses(all, holding(all))).toEqual({
          create: [],
          change: [],
          orphanQueues: [],
          orphanAddresses: [],
        });
      }),
    );
  });

  it('names everything missing, and everything that nobody declares', () => {
    fc.assert(
      fc.property(desired, desired, (wanted, there) => {
        const { create, orphanQueues } = diffAddresses(wanted, holding(there));
        const names = (all: readonly DesiredAddress[]): string[] =>
          all.flatMap(({ queue: own }) => own?.name ?? []);
        const [want, have] = [names(wanted), names(there)];
        expect(names(create).sort()).toEqual(want.filter((name) => !have.includes(name)).sort());
        expect(orphanQueues.map(({ name }) => name).sort()).toEqual(
          have.filter((name) => !want.includes(name)).sort(),
        );
      }),
    );
  });

  it('shows what is there in another shape as a change', () => {
    const wanted = [queue('q'), topic('t'), subscription('s', 'news', 3), subscription('moved', 'news')];
    const observed: ObservedBroker = {
      queues: [
        held('q', { routing: 'MULTICAST' }),
        held('s', { address: 'news', routing: 'MULTICAST', maxConsumers: 1 }),
        held('moved', { address: 'old', routing: 'MULTICAST', maxConsumers: 1 }),
      ],
      addresses: [
        { name: 'q', routings: ['MULTICAST'] },
        { name: 't', routings: ['ANYCAST'] },
        { name: 'news', routings: ['MULTICAST'] },
        { name: 'old', routings: ['MULTICAST'] },
      ],
    };
    expect(diffAddresses(wanted, observed)).toEqual({
      create: [],
      change: wanted,
      orphanQueues: [],
      orphanAddresses: [],
    });
  });

  it('takes neither internal names nor addresses with queues for orphans', () => {
    const observed: ObservedBroker = {
      queues: [held('$samband/probe'), held('gone', { messageCount: 3 }), held('activemq.management.x')],
      addresses: ['$samband/probe', 'gone', 'bare', 'activemq.notifications', '!!HEALTH', '_!x'].map(
        (name) => ({
          name,
          routings: ['ANYCAST'],
        }),
      ),
    };
    const diff = diffAddresses([], observed);
    expect(diff.orphanQueues.map(({ name, messageCount }) => [name, messageCount])).toEqual([['gone', 3]]);
    expect(diff.orphanAddresses).toEqual(['bare']);
  });
});
