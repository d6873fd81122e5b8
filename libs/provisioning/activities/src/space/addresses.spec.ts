import { beforeEach, describe, expect, it } from '@jest/globals';
import { findCondition, refOf, type Address } from '@samband/resources';
import { aMessagingUser, anAddress, anAddressPlan, anAddressSpacePlan, Lifetime } from '@samband/testing';
import { SpaceWorld, type Worker } from './space.spec-helper.js';

const orders = anAddress();

describe('the addresses of a space', () => {
  let world: SpaceWorld;
  let worker: Worker;
  beforeEach(async () => {
    world = await new SpaceWorld().withSpace();
    worker = world.worker();
    await world.add(orders);
    await worker.bringUp();
  });

  const ready = async (address: Address): Promise<unknown> =>
    findCondition((await world.statusOf(address))?.conditions, 'Ready');

  it('are on the broker, and each says so', async () => {
    expect(world.broker.queues()).toEqual({ orders: 0 });
    expect(await world.statusOf(orders)).toMatchObject({
      isReady: true,
      phase: 'Active',
      observedGeneration: 1,
    });
    expect((await world.space()).status).toMatchObject({ addresses: { declared: 1, ready: 1, parked: 0 } });
  });

  it('say Reconciling or Stalled only while it is so', async () => {
    const types = async (): Promise<string[]> =>
      (await world.statusOf(orders))?.conditions?.map(({ type, status }) => `${type}=${status}`) ?? [];
    expect(await types()).toEqual(['Ready=True']);
    await world.edit(refOf(orders), { spec: { plan: 'no-such-plan' } });
    await worker.bringUp().catch(() => undefined);
    expect(await types()).toEqual(['Ready=False', 'Stalled=True']);
    await world.edit(refOf(orders), { spec: { plan: orders.spec.plan } });
    await worker.bringUp();
    expect(await types()).toEqual(['Ready=True']);
  });

  it('cost nothing when nothing changed, neither on the broker nor in a status', async () => {
    const before = world.memory.all();
    const asked = world.broker.calls.length;
    await worker.bringUp();
    expect(world.memory.all()).toEqual(before);
    expect(world.broker.calls.slice(asked).filter((call) => /^(ensure|remove|observe)/.test(call))).toEqual(
      [],
    );
  });

  it('get back what older brokers put where no team can reach it, when a broker is first looked at', async () => {
    world.broker.deadLetters = 2;
    await world.worker().bringUp();
    expect(world.broker.deadLetters).toBe(0);
  });

  it('are all there again after the broker came back empty-handed or another worker took over', async () => {
    world.infra.kill(world.id);
    await worker.bringUp();
    expect(world.broker.queues()).toEqual({ orders: 0 });
    const asked = world.broker.calls.length;
    await world.worker().bringUp();
    expect(world.broker.calls.slice(asked)).not.toContain('ensure orders');
  });

  it('that somebody took away by hand, or changed, are mended when nothing else is to do', async () => {
    await world.add(anAddress({ metadata: { name: 'app.store' }, spec: { address: 'store' } }));
    await worker.syncAddresses();
    world.broker.send('orders', 3);
    await world.broker.connect().purgeAndDestroy({ queue: 'store', address: 'store' });
    await worker.syncAddresses();
    expect(world.broker.queues()).toEqual({ orders: 3 });
    world.wait(1);
    await worker.syncAddresses();
    expect(world.broker.queues()).toEqual({ orders: 3, store: 0 });
  });

  it('that somebody took away by hand are mended at once when the space asks for a look', async () => {
    await world.broker.connect().purgeAndDestroy({ queue: 'orders', address: 'orders' });
    const asked = { metadata: { annotations: { 'samband.dev/requested-at': 'now' } } };
    await world.edit(refOf(await world.space()), asked);
    await worker.syncAddresses();
    expect(world.broker.queues()).toEqual({ orders: 0 });
    const looks = (): number => world.broker.calls.filter((call) => call === 'observe').length;
    const before = looks();
    await worker.syncAddresses();
    expect(looks()).toBe(before);
  });

  it('get back the settings and permissions that somebody took away by hand', async () => {
    await world.add(
      anAddress({
        metadata: { name: 'app.store' },
        spec: { address: 'store', messageTtl: { maximum: 5000 } },
      }),
    );
    await world.add(
      aMessagingUser({ spec: { authorization: [{ operations: ['send'], addresses: ['store'] }] } }),
    );
    await worker.bringUp();
    const inForce = (): string[] => [
      ...Object.keys(world.broker.settings()),
      ...world.broker.permissions().map(({ match }) => match),
    ];
    expect(inForce()).toEqual(['store', '#', 'store']);
    world.broker.removeByHand('store');
    await worker.bringUp();
    expect(inForce()).toEqual(['#']);
    world.wait(1);
    await worker.bringUp();
    expect(inForce()).toEqual(['store', '#', 'store']);
  });

  it('are there whichever of two workers takes the turn', async () => {
    const other = world.worker();
    await world.remove(orders);
    await other.syncAddresses();
    expect(world.broker.queues()).toEqual({});
    await world.add(orders);
    await worker.syncAddresses();
    expect(world.broker.queues()).toEqual({ orders: 0 });
  });

  it('with a name that is taken are refused, and the first one stays', async () => {
    world.wait(1);
    const twin = anAddress({ metadata: { name: 'app.twin' } });
    await world.add(twin);
    await worker.syncAddresses();
    expect(await ready(orders)).toMatchObject({ status: 'True' });
    expect(await ready(twin)).toMatchObject({ status: 'False', reason: 'DuplicateAddress' });
    expect(await world.statusOf(twin)).toMatchObject({ isReady: false, phase: 'Pending' });
  });

  it('beyond the quota are refused, and those that work go on working', async () => {
    await world.edit(refOf(anAddressPlan()), { spec: { resources: { broker: 0.4 } } });
    for (const address of ['a', 'b']) {
      world.wait(1);
      await world.add(anAddress({ spec: { address } }));
    }
    expect(await worker.syncAddresses()).toMatchObject({ total: 3, ready: 2 });
    expect(await ready(orders)).toMatchObject({ status: 'True' });
    expect(await ready(anAddress({ spec: { address: 'b' } }))).toMatchObject({ reason: 'QuotaExceeded' });
    await world.remove(anAddress({ spec: { address: 'a' } }));
    expect(await worker.syncAddresses()).toMatchObject({ total: 2, ready: 2 });
  });

  it('follow their plan when it says something else', async () => {
    // Judged as they are now, status included, before the plan changes.
    await worker.syncAddresses();
    await world.edit(refOf(anAddressPlan()), { spec: { messageTtl: { maximum: 5_000 } } });
    await worker.syncAddresses();
    expect(await world.statusOf(orders)).toMatchObject({ messageTtl: { maximum: 5_000 } });
  });

  it('of a plan that the space does not list are refused', async () => {
    await world.add(anAddressPlan({ metadata: { name: 'other' } }));
    const other = anAddress({ spec: { address: 'other', plan: 'other' } });
    await world.add(other);
    await worker.syncAddresses();
    expect(await ready(other)).toMatchObject({ reason: 'PlanNotAllowed' });
    await world.edit(refOf(anAddressSpacePlan()), { spec: { addressPlans: ['queue', 'other'] } });
    await worker.syncAddresses();
    expect(await ready(other)).toMatchObject({ status: 'True' });
  });

  it('that the broker refuses say so, and do not hold up the others', async () => {
    world.broker.refused.add('bad');
    await world.add(anAddress({ spec: { address: 'bad' } }));
    await world.add(anAddress({ spec: { address: 'good' } }));
    expect(await worker.syncAddresses()).toMatchObject({ total: 3, ready: 2, retry: false });
    expect(await ready(anAddress({ spec: { address: 'bad' } }))).toMatchObject({ reason: 'BrokerRefused' });
  });

  it('are looked at again when a status was dropped because somebody wrote at the same time', async () => {
    await world.add(anAddress({ spec: { address: 'new' } }));
    const stale = world.memory.all().find(({ metadata }) => metadata.name === 'app.new')!;
    world.memory.view.pause();
    await world.edit(refOf(stale), { metadata: { annotations: { note: 'hi' } } });
    expect(await worker.syncAddresses()).toMatchObject({ retry: true });
    world.memory.view.resume();
    expect(await worker.syncAddresses()).toMatchObject({ retry: false });
    expect(await ready(anAddress({ spec: { address: 'new' } }))).toMatchObject({ status: 'True' });
  });

  it('fail as a whole while the broker does not answer, without a word to any address', async () => {
    await world.add(anAddress({ spec: { address: 'new' } }));
    world.broker.isAway = true;
    await expect(worker.syncAddresses()).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect(await world.statusOf(anAddress({ spec: { address: 'new' } }))).toBeUndefined();
  });

  it('are not touched by an attempt that no longer counts', async () => {
    await world.add(anAddress({ spec: { address: 'new' } }));
    await world.remove(orders);
    const calls = world.broker.calls.length;
    const before = world.memory.all();
    await expect(worker.syncAddresses(AbortSignal.abort())).rejects.toThrow();
    expect(world.broker.calls.slice(calls)).toEqual([]);
    expect(world.memory.all()).toEqual(before);
  });

  it('end the same whenever a worker is killed', async () => {
    const arrange = async (): Promise<void> => {
      world = await new SpaceWorld().withSpace();
      await world.add(orders);
      await world.add(anAddress({ spec: { address: 'full' } }));
      await world.add(anAddress({ spec: { address: 'empty' } }));
      await world.add(aMessagingUser());
      await world.worker().bringUp();
      world.broker.send('full', 3);
      await world.remove(anAddress({ spec: { address: 'full' } }));
      await world.remove(anAddress({ spec: { address: 'empty' } }));
      await world.add(anAddress({ spec: { address: 'new' } }));
    };
    const outcome = async (): Promise<object> => ({
      queues: world.broker.queues(),
      permissions: world.broker.permissions(),
      space: (await world.space()).status,
      fresh: await world.statusOf(anAddress({ spec: { address: 'new' } })),
    });
    await arrange();
    await world.worker().bringUp();
    const undisturbed = await outcome();
    expect(undisturbed).toMatchObject({ queues: { orders: 0, full: 3, new: 0 } });
    for (let calls = 0; ; calls += 1) {
      await arrange();
      const life = new Lifetime(calls);
      await world
        .worker(life)
        .bringUp()
        .catch(() => undefined);
      await world.worker().bringUp();
      expect(await outcome()).toEqual(undisturbed);
      if (!life.isOver) break;
    }
  });
});
