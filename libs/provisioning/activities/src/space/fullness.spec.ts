import { describe, expect, it } from '@jest/globals';
import type { MemoryUse } from '@samband/topology';
import type { AddressSpace, ParkedAddress } from '@samband/resources';
import type { Ports } from '../ports.js';
import { fullCondition, lookAtMemory } from './fullness.js';
import type { BrokerSession } from './sessions.js';

const MiB = 1024 * 1024;
const full: MemoryUse = {
  usedBytes: 8 * MiB,
  maxBytes: 8 * MiB,
  largest: [{ address: 'bulk', bytes: 7.9 * MiB, messages: 5719 }],
};
const parkedBulk = [{ address: 'bulk', queue: 'bulk', messages: 5719 }] as unknown as ParkedAddress[];

function broker(use: MemoryUse): {
  look: (parked?: ParkedAddress[]) => Promise<string | undefined>;
  said: string[];
} {
  const said: string[] = [];
  const events = {
    record: (_: unknown, type: string, reason: string) => {
      said.push(`${type} ${reason}`);
      return Promise.resolve();
    },
  };
  const session = { management: { memoryUse: () => Promise.resolve(use) } } as unknown as BrokerSession;
  return {
    said,
    look: (parked = []) => lookAtMemory({ events } as unknown as Ports, session, {} as AddressSpace, parked),
  };
}

describe('a broker without memory for messages', () => {
  it('is told of with the addresses that hold it, in a condition, and once as an Event', async () => {
    const { look, said } = broker(full);
    const message = await look();
    await look();
    expect(message).toContain('messages take 8.0 MiB of 8.0 MiB: bulk 7.9 MiB in 5719 messages');
    expect(message).not.toContain('parked');
    expect(fullCondition(message)).toMatchObject({ type: 'Full', status: 'True', reason: 'MemoryFull' });
    expect(said).toEqual(['Warning MemoryFull']);
  });

  it('names what is parked, and how to let go of it', async () => {
    const message = await broker(full).look(parkedBulk);
    expect(message).toContain('(removed, parked)');
    expect(message).toContain('samband.dev/park-for: 0s');
  });

  it('is not told of while there is room', async () => {
    const { look, said } = broker({ usedBytes: 1, maxBytes: MiB, largest: [] });
    expect(fullCondition(await look())).toMatchObject({ status: 'False', reason: 'Ready' });
    expect(said).toEqual([]);
  });
});
