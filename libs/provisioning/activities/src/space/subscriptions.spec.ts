import { beforeEach, describe, expect, it } from '@jest/globals';
import { refOf } from '@samband/resources';
import {
  aBrokeredInfraConfig,
  aMessagingUser,
  anAddress,
  anAddressPlan,
  anAddressSpacePlan,
} from '@samband/testing';
import { SpaceWorld, type Worker } from './space.spec-helper.js';

const topic = anAddress({
  metadata: { name: 'app.news' },
  spec: { address: 'news', type: 'topic', plan: 'topic' },
});

describe('a durable subscription that a client made for itself', () => {
  let world: SpaceWorld;
  let worker: Worker;
  beforeEach(async () => {
    world = await new SpaceWorld().withSpace();
    worker = world.worker();
    await world.add(
      anAddressPlan({
        metadata: { name: 'topic' },
        spec: { addressType: 'topic', resources: { broker: 0 } },
      }),
    );
    await world.edit(refOf(anAddressSpacePlan()), { spec: { addressPlans: ['queue', 'topic'] } });
    await world.add(topic);
    await world.add(aMessagingUser());
    await worker.bringUp();
  });

  const lookAgain = async (): Promise<void> => {
    world.wait(1);
    await worker.bringUp();
  };
  const status = async () => (await world.space()).status;
  const rights = (match: string) => world.broker.permissions().find((one) => one.match === match);

  it('is the right of whoever may receive from the topic, and of nobody on a queue', async () => {
    await world.add(anAddress());
    await worker.bringUp();
    expect(rights('news')).toMatchObject({ consume: ['bob'], subscribe: ['bob'], unsubscribe: ['bob'] });
    for (const one of world.broker.permissions().filter(({ match }) => match !== 'news'))
      expect([one.subscribe, one.unsubscribe]).toEqual([undefined, undefined]);
  });

  it('is never taken for an orphan, whatever it is called, and is counted with what waits for it', async () => {
    world.broker.subscribe('news', 'till.prices');
    world.broker.subscribe('news', '$samband.hidden');
    world.broker.send('till.prices', 3);
    for (let looks = 0; looks < 3; looks += 1) await lookAgain();
    expect(world.broker.queues()).toEqual({ 'till.prices': 3, '$samband.hidden': 0 });
    expect(await status()).toMatchObject({
      addresses: { parked: 0 },
      parkedAddresses: [],
      subscriptions: { count: 2, holding: [{ address: 'news::till.prices', messages: 3 }] },
    });
  });

  it('is parked with its messages when its topic goes, and takes messages again when that comes back', async () => {
    world.broker.subscribe('news', 'till.prices');
    world.broker.send('till.prices', 3);
    await lookAgain();
    await world.remove(topic);
    await worker.bringUp();
    expect((await status())?.parkedAddresses).toMatchObject([
      { address: 'news::till.prices', queue: 'till.prices', messages: 3 },
    ]);
    expect(world.broker.isEnabled('till.prices')).toBe(false);
    for (const match of ['news', 'news::till.prices'])
      expect(rights(match)).toMatchObject({ send: [], consume: [] });
    await world.add(topic);
    await world.worker().bringUp();
    expect(world.broker.isEnabled('till.prices')).toBe(true);
    expect(world.broker.queues()).toEqual({ 'till.prices': 3 });
    expect((await status())?.parkedAddresses).toEqual([]);
    expect(rights('news')).toMatchObject({ consume: ['bob'], subscribe: ['bob'] });
  });

  it('made since the last look is found when its topic goes', async () => {
    world.broker.subscribe('news', 'till.prices');
    world.broker.send('till.prices', 3);
    await world.remove(topic);
    await worker.bringUp();
    await worker.bringUp();
    expect(world.broker.queues()).toEqual({ 'till.prices': 3 });
    expect((await status())?.parkedAddresses).toMatchObject([{ queue: 'till.prices', messages: 3 }]);
  });

  it('goes with its topic when it is empty', async () => {
    world.broker.subscribe('news', 'till.prices');
    await lookAgain();
    await world.remove(topic);
    await worker.bringUp();
    await worker.bringUp();
    expect([world.broker.queues(), world.broker.addresses()]).toEqual([{}, []]);
  });

  it('of a name without end is shown by a short one, and parked no longer than others', async () => {
    const name = 'x'.repeat(50_000);
    world.broker.subscribe('news', name);
    world.broker.send(name, 1);
    await lookAgain();
    await world.remove(topic);
    await worker.bringUp();
    const [before] = (await status())?.parkedAddresses ?? [];
    expect(before?.queue.length).toBeLessThan(600);
    world.wait(23);
    await worker.bringUp();
    expect((await status())?.parkedAddresses?.[0]?.destroyAt).toBe(before?.destroyAt);
    world.wait(2);
    await worker.bringUp();
    expect(world.broker.queues()).toEqual({});
  });

  it('cannot be made where the memory of the plan has no room for it, and those that there are go on', async () => {
    const { subscriptions } = (await status()) ?? {};
    const allowed = subscriptions?.allowed ?? 0;
    expect(allowed).toBeGreaterThan(0);
    for (let index = 0; index < allowed; index += 1) world.broker.subscribe('news', `s${index}`);
    await lookAgain();
    await lookAgain();
    expect(rights('news')).toMatchObject({ consume: ['bob'], unsubscribe: ['bob'] });
    expect(rights('news')?.subscribe).toBeUndefined();
    expect(await status()).toMatchObject({ subscriptions: { count: allowed, allowed } });
    expect(world.events.filter((event) => event.includes('SubscriptionsExhausted'))).toHaveLength(1);
    await world.edit(refOf(aBrokeredInfraConfig()), {
      spec: { broker: { resources: { memory: '2Gi' } } },
    });
    await worker.bringUp();
    expect(rights('news')?.subscribe).toEqual(['bob']);
  });
});
