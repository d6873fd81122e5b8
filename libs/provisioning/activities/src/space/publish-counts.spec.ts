import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ParkedAddress } from '@samband/resources';
import { publishCounts } from './publish-counts.js';
import { space, SpaceWorld } from './space.spec-helper.js';

const parked = (count: number, nameLength: number): ParkedAddress[] =>
  Array.from({ length: count }, (_, index) => {
    const name = `${index}`.padEnd(nameLength, 'é');
    const [parkedAt, destroyAt] = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'];
    return { address: name, queue: name, messages: 1, parkedAt, destroyAt };
  });

describe('the list of parked queues', () => {
  let world: SpaceWorld;
  beforeEach(async () => {
    world = await new SpaceWorld().withSpace();
  });

  const publish = async (all: readonly ParkedAddress[]): Promise<{ listed: number; omitted: number }> => {
    await publishCounts(world.ports(), space, await world.space(), {
      declared: 0,
      ready: 0,
      parked: all,
      subscriptions: { count: 0, allowed: 10, holding: [] },
    });
    const { parkedAddresses = [], parkedAddressesOmitted = 0 } = (await world.space()).status ?? {};
    expect(parkedAddresses).toEqual(all.slice(0, parkedAddresses.length));
    return { listed: parkedAddresses.length, omitted: parkedAddressesOmitted };
  };

  it('names them all while they are few', async () => {
    expect(await publish(parked(100, 60))).toEqual({ listed: 100, omitted: 0 });
  });

  it('ends where the status of the space would grow too large to be written, and counts the rest', async () => {
    const all = parked(1_000, 2_000);
    const { listed, omitted } = await publish(all);
    expect(listed + omitted).toBe(1_000);
    expect(Buffer.byteLength(JSON.stringify(all.slice(0, listed)))).toBeLessThanOrEqual(256 * 1024);
    expect(Buffer.byteLength(JSON.stringify(all.slice(0, listed + 1)))).toBeGreaterThan(256 * 1024);
    expect((await world.space()).status?.addresses).toMatchObject({ parked: 1_000 });
  });
});
