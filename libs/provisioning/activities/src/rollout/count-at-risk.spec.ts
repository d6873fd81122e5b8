import { beforeEach, describe, expect, it } from '@jest/globals';
import { ParsedFiles } from '@samband/gitops';
import type { Rollout } from '@samband/resources';
import { aMessagingUser, anAddress, anAddressSpace, type MemoryBroker } from '@samband/testing';
import { ensureSpaceInfra, infraId } from '../space/infra-secret.js';
import { aRun } from '../world.spec-helper.js';
import { checkoutCommit } from './checkout.js';
import { countAtRisk } from './count-at-risk.js';
import { planRollout } from './plan.js';
import { rolloutRef } from './refs.js';
import { RolloutWorld } from './rollout.spec-helper.js';

const space = { namespace: 'team', name: 'app' };
const orders = anAddress();
const returns = anAddress({ spec: { address: 'returns' } });
const user = aMessagingUser();
const at = '(counted at 2026-01-01T00:00:00Z)';

describe('the plan of a commit that removes', () => {
  let world: RolloutWorld;
  let broker: MemoryBroker;
  beforeEach(async () => {
    world = await new RolloutWorld().withPlans();
    await world.rollOut([anAddressSpace(), orders, returns, user]);
    const ports = world.ports();
    const id = infraId(ports, space);
    await ensureSpaceInfra(ports, space);
    await world.infra.runtime.ensureBroker({
      id,
      ...space,
      space: space.name,
      heapMiB: 128,
      globalMaxBytes: 1,
      addressFullPolicy: 'FAIL',
      javaOptions: [],
      defaults: {},
      authentication: 'standard',
    });
    broker = world.infra.broker(id);
    const management = broker.connect();
    await management.ensureAddresses(
      ['orders', 'returns', 'parked'].map((name) => ({
        address: name,
        routing: 'ANYCAST',
        queue: { name },
      })),
    );
    broker.send('orders', 1_200);
    broker.send('parked', 34);
    broker.calls.length = 0;
  });

  async function plan(
    objects: readonly object[],
  ): Promise<{ said: string | undefined; countAt: unknown; plan: NonNullable<Rollout['status']>['plan'] }> {
    const ref = await world.commit(objects);
    const ports = world.ports();
    await checkoutCommit(ports, ref, aRun());
    const outcome = await planRollout(ports, new ParsedFiles(1_000), ref, aRun());
    const countAt = outcome.kind === 'refused' ? undefined : outcome.countAt;
    const said = countAt === undefined ? undefined : await countAtRisk(ports, ref);
    const rollout = (await world.get(rolloutRef(ref))) as Rollout | undefined;
    return { said, countAt, plan: rollout?.status?.plan };
  }

  it('says of a space how many messages it holds, parked ones too, and when they were counted', async () => {
    const { said, countAt, plan: planned } = await plan([]);
    expect(countAt).toEqual(['host-1']);
    expect(said).toBe(
      `removes AddressSpace team/app: 1,234 messages in 2 queues will be parked for 24h ${at}`,
    );
    expect(planned?.countedAt).toBe('2026-01-01T00:00:00.000Z');
    expect(planned?.entries).toContainEqual(
      expect.objectContaining({ action: 'remove', resource: 'AddressSpace team/app', messages: 1_234 }),
    );
    // The addresses of the space go with it: nothing is counted twice.
    expect(broker.calls).toEqual(['count']);
  });

  it('says of each address how many it holds, and asks of nothing but those', async () => {
    const { said, plan: planned } = await plan([anAddressSpace(), returns, user]);
    expect(said).toBe(`removes Address team/app.orders: 1,200 messages will be parked for 24h ${at}`);
    expect(planned?.entries).toContainEqual(
      expect.objectContaining({ resource: 'Address team/app.orders', messages: 1_200 }),
    );
    expect(broker.calls).toEqual(['count orders']);
  });

  it('says nothing of what is empty, and counts nothing where nothing is removed', async () => {
    expect(await plan([anAddressSpace(), orders, user])).toMatchObject({ said: '' });
    expect(await plan([anAddressSpace(), orders, returns, user])).toMatchObject({ said: undefined });
  });

  it('says that messages are destroyed where the space keeps none, or how long it keeps them', async () => {
    const wishing = (value: string): object =>
      anAddressSpace({ metadata: { annotations: { 'samband.dev/park-for': value } } });
    await world.rollOut([wishing('0s'), orders, returns, user]);
    expect((await plan([])).said).toContain('1,234 messages in 2 queues will be destroyed');
    await world.rollOut([wishing('72h'), orders, returns, user]);
    expect((await plan([])).said).toContain('will be parked for 72h');
  });

  it('says the time that is kept, not one that nobody can read', async () => {
    const kept = anAddressSpace({ metadata: { annotations: { 'samband.dev/park-for': 'for ever' } } });
    await world.rollOut([kept, orders, returns, user]);
    expect((await plan([])).said).toContain('messages in 2 queues will be parked for 24h');
  });

  it('does not hold up for a broker that does not answer, and says that nobody could count', async () => {
    broker.isAway = true;
    const { said, plan: planned } = await plan([]);
    expect(said).toContain('its messages could not be counted, and will be parked for 24h');
    expect(planned?.entries.every(({ messages }) => messages === undefined)).toBe(true);
  });
});
