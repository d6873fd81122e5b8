import { beforeEach, describe, expect, it } from '@jest/globals';
import { refOf } from '@samband/resources';
import { aMessagingUser, anAddress, anAddressPlan, anAddressSpacePlan } from '@samband/testing';
import { SpaceWorld, type Worker } from './space.spec-helper.js';

const orders = anAddress();
const parkFor = (value: string): object => ({ metadata: { annotations: { 'samband.dev/park-for': value } } });

describe('a queue whose Address is gone', () => {
  let world: SpaceWorld;
  let worker: Worker;
  beforeEach(async () => {
    world = await new SpaceWorld().withSpace();
    worker = world.worker();
    await world.add(orders);
    await world.add(aMessagingUser());
    await worker.bringUp();
  });

  const offerTopics = async (): Promise<void> => {
    await world.add(
      anAddressPlan({
        metadata: { name: 'topic' },
        spec: { addressType: 'topic', resources: { broker: 0.01 } },
      }),
    );
    await world.add(
      anAddressPlan({
        metadata: { name: 'sub' },
        spec: { addressType: 'subscription', resources: { broker: 0.01 } },
      }),
    );
    await world.edit(refOf(anAddressSpacePlan()), { spec: { addressPlans: ['queue', 'topic', 'sub'] } });
  };
  const parked = async (): Promise<unknown> => (await world.space()).status?.parkedAddresses;

  it('is destroyed when it is empty, after nobody may send to it any more', async () => {
    const calls = world.broker.calls.length;
    await world.remove(orders);
    expect(await worker.syncAddresses()).toMatchObject({ total: 0, removed: 1, parked: 0 });
    expect(world.broker.queues()).toEqual({});
    const asked = world.broker.calls.slice(calls);
    expect(asked.indexOf('permissions')).toBeLessThan(asked.indexOf('remove orders'));
    expect(asked.indexOf('permissions')).toBeGreaterThanOrEqual(0);
  });

  it('is kept with its messages, closed to everybody, listed, and told of once', async () => {
    world.broker.send('orders', 5);
    await world.remove(orders);
    expect(await worker.syncAddresses()).toMatchObject({
      parked: 1,
      removed: 0,
      nextParkingEnd: '2026-01-02T00:00:00.000Z',
    });
    await worker.syncAddresses();
    expect(world.broker.queues()).toEqual({ orders: 5 });
    expect(world.broker.permissions()).toContainEqual({ match: 'orders', send: [], consume: [], browse: [] });
    expect(await parked()).toEqual([
      {
        address: 'orders',
        queue: 'orders',
        messages: 5,
        parkedAt: '2026-01-01T00:00:00.000Z',
        destroyAt: '2026-01-02T00:00:00.000Z',
      },
    ]);
    expect(world.events.filter((event) => event.includes('MessagesKept'))).toHaveLength(1);
  });

  it('is counted by its condition as soon as it is listed', async () => {
    const condition = async (): Promise<unknown> =>
      (await world.space()).status?.conditions?.find(({ type }) => type === 'Parked');
    world.broker.send('orders', 5);
    await world.remove(orders);
    await worker.syncAddresses();
    expect(await condition()).toMatchObject({ status: 'True', message: expect.stringContaining('1 queue ') });
    await world.add(orders);
    await worker.syncAddresses();
    expect(await condition()).toMatchObject({ status: 'False', message: '' });
  });

  it('stays parked while another Address has the name of the queue, which then waits for it', async () => {
    await offerTopics();
    const news = anAddress({
      metadata: { name: 'app.news' },
      spec: { address: 'news', type: 'topic', plan: 'topic' },
    });
    const subscription = anAddress({
      metadata: { name: 'app.audit' },
      spec: { address: 'audit', type: 'subscription', topic: 'news', plan: 'sub' },
    });
    await world.add(news);
    await world.add(subscription);
    await worker.bringUp();
    world.broker.send('audit', 3);
    await world.remove(subscription);
    await worker.syncAddresses();
    const queue = anAddress({ metadata: { name: 'app.audit-queue' }, spec: { address: 'audit' } });
    await world.add(queue);
    expect(await worker.syncAddresses()).toMatchObject({ parked: 1, retry: true });
    expect(await parked()).toMatchObject([{ address: 'news::audit', queue: 'audit', messages: 3 }]);
    expect(world.broker.permissions()).toContainEqual(
      expect.objectContaining({ match: 'news::audit', consume: [] }),
    );
    expect(await world.statusOf(queue)).toMatchObject({ phase: 'Configuring', isReady: false });
    world.wait(25);
    expect(await worker.syncAddresses()).toMatchObject({ parked: 0, retry: false });
    expect(await world.statusOf(queue)).toMatchObject({ phase: 'Active', isReady: true });
    expect(world.broker.queues()).toMatchObject({ audit: 0 });
  });

  it('stays closed for a worker that begins anew', async () => {
    world.broker.send('orders', 5);
    await world.remove(orders);
    await worker.syncAddresses();
    await world.worker().bringUp();
    expect(world.broker.queues()).toEqual({ orders: 5 });
    expect(world.broker.permissions()).toContainEqual({ match: 'orders', send: [], consume: [], browse: [] });
    expect(await parked()).toMatchObject([{ parkedAt: '2026-01-01T00:00:00.000Z' }]);
  });

  it.each(['by another worker', 'after the broker was restarted'])(
    'stays closed when the step of the users is taken %s',
    async (how) => {
      world.broker.send('orders', 5);
      await world.remove(orders);
      await worker.syncAddresses();
      const spec = world.infra.specOf(world.id);
      if (how === 'by another worker') worker = world.worker();
      else if (spec !== undefined) {
        world.infra.kill(world.id);
        await world.infra.runtime.ensureBroker(spec);
      }
      await worker.syncUsers();
      const closed = { match: 'orders', send: [], consume: [], browse: [] };
      expect(world.broker.permissions()).toContainEqual(closed);
      expect(await worker.syncAddresses()).toMatchObject({ parked: 1 });
      expect(world.broker.permissions()).toContainEqual(closed);
    },
  );

  it('is adopted with its messages when its Address comes back', async () => {
    world.broker.send('orders', 5);
    await world.remove(orders);
    await worker.syncAddresses();
    await world.add(orders);
    expect(await worker.syncAddresses()).toMatchObject({ ready: 1, parked: 0 });
    expect(world.broker.queues()).toEqual({ orders: 5 });
    expect(await parked()).toEqual([]);
    expect(world.broker.permissions()).not.toContainEqual(
      expect.objectContaining({ match: 'orders', send: [] }),
    );
    expect(await world.statusOf(orders)).toMatchObject({ isReady: true });
  });

  it('is destroyed with its messages when its time is up, and not before', async () => {
    world.broker.send('orders', 5);
    await world.remove(orders);
    await worker.syncAddresses();
    world.wait(23);
    await worker.syncAddresses();
    expect(world.broker.queues()).toEqual({ orders: 5 });
    world.wait(1);
    expect(await worker.syncAddresses()).toMatchObject({ parked: 0, removed: 1 });
    expect(world.broker.queues()).toEqual({});
    expect(await parked()).toEqual([]);
  });

  it('is not counted at each pass while it is closed, but after a while, and right before it is destroyed', async () => {
    world.broker.send('orders', 5);
    await world.remove(orders);
    await worker.syncAddresses();
    const counted = (): number => world.broker.calls.filter((call) => call === 'remove orders').length;
    await worker.syncAddresses();
    expect(await worker.syncAddresses()).toMatchObject({ parked: 1, retry: false });
    expect(counted()).toBe(1);
    world.wait(1);
    world.broker.send('orders', 2);
    await worker.syncAddresses();
    expect(counted()).toBe(2);
    expect(await parked()).toMatchObject([{ messages: 7, destroyAt: '2026-01-02T00:00:00.000Z' }]);
    world.wait(23);
    await worker.syncAddresses();
    const last = world.broker.calls.lastIndexOf('remove orders');
    expect(world.broker.calls.slice(last, last + 2)).toEqual(['remove orders', 'purge orders']);
    expect(counted()).toBe(3);
  });

  it('is counted after a while also where something changes all the time', async () => {
    world.broker.send('orders', 5);
    await world.remove(orders);
    await worker.syncAddresses();
    world.broker.drain('orders');
    world.wait(1);
    await world.add(anAddress({ spec: { address: 'another' } }));
    const looks = world.broker.calls.filter((call) => call === 'observe').length;
    expect(await worker.syncAddresses()).toMatchObject({ parked: 0, removed: 1 });
    expect(world.broker.calls.filter((call) => call === 'observe')).toHaveLength(looks);
  });

  it('is counted again at once when the space asks to be looked at', async () => {
    world.broker.send('orders', 5);
    await world.remove(orders);
    await worker.syncAddresses();
    world.broker.drain('orders');
    await world.edit(refOf(await world.space()), {
      metadata: { annotations: { 'samband.dev/requested-at': 'now' } },
    });
    expect(await worker.syncAddresses()).toMatchObject({ parked: 0, removed: 1 });
  });

  it('is counted anew when its Address came back and went again', async () => {
    world.broker.send('orders', 5);
    await world.remove(orders);
    await worker.syncAddresses();
    await world.add(orders);
    await worker.syncAddresses();
    world.broker.drain('orders');
    await world.remove(orders);
    expect(await worker.syncAddresses()).toMatchObject({ parked: 0, removed: 1 });
  });

  it('is not destroyed by a clock that is put forward, nor kept for less by one that is put right', async () => {
    world.broker.send('orders', 5);
    await world.remove(orders);
    await worker.syncAddresses();
    world.steadyNow = world.now;
    world.wait(48);
    await worker.syncAddresses();
    expect(world.broker.queues()).toEqual({ orders: 5 });
    world.steadyNow = undefined;
    await worker.syncAddresses();
    expect(world.broker.queues()).toEqual({});
  });

  it('is kept as long as the space asks for, also when it asks later', async () => {
    world.broker.send('orders', 5);
    await world.remove(orders);
    await worker.syncAddresses();
    await world.edit(refOf(await world.space()), parkFor('72h'));
    world.wait(48);
    await worker.syncAddresses();
    expect(world.broker.queues()).toEqual({ orders: 5 });
    await world.edit(refOf(await world.space()), parkFor('1h'));
    // Its end lies a day back: nobody waits for that long again.
    expect(await worker.syncAddresses()).toMatchObject({ retry: true });
    expect(await worker.syncAddresses()).toMatchObject({ retry: false });
    expect(world.broker.queues()).toEqual({});
  });

  it('is not touched while the watch is behind and the API server still lists the Address', async () => {
    world.broker.send('orders', 5);
    world.memory.view.forget();
    await world.withPlansSeen();
    await worker.syncAddresses();
    await world.worker().bringUp();
    expect(world.broker.queues()).toEqual({ orders: 5 });
    expect(world.broker.calls).not.toContain('remove orders');
  });

  it('is not destroyed at the end of its time while its Address came back unseen', async () => {
    world.broker.send('orders', 5);
    await world.remove(orders);
    await worker.syncAddresses();
    world.wait(25);
    world.memory.view.pause();
    await world.add(orders);
    await worker.syncAddresses();
    expect(world.broker.queues()).toEqual({ orders: 5 });
    world.memory.view.resume();
    expect(await worker.syncAddresses()).toMatchObject({ ready: 1, parked: 0 });
    expect(world.broker.queues()).toEqual({ orders: 5 });
  });

  it('of a topic goes with its subscriptions that hold messages parked, the topic with the last of them', async () => {
    await offerTopics();
    const topic = anAddress({ spec: { address: 'news', type: 'topic', plan: 'topic' } });
    const subscription = anAddress({
      metadata: { name: 'app.reader' },
      spec: { address: 'reader', type: 'subscription', topic: 'news', plan: 'sub' },
    });
    await world.add(topic);
    await world.add(subscription);
    expect(await worker.syncAddresses()).toMatchObject({ ready: 3 });
    world.broker.send('reader', 2);
    await world.remove(subscription);
    await world.remove(topic);
    expect(await worker.syncAddresses()).toMatchObject({ parked: 1, total: 1 });
    expect(await parked()).toMatchObject([{ address: 'news::reader', queue: 'reader', messages: 2 }]);
    world.wait(25);
    expect(await worker.syncAddresses()).toMatchObject({ removed: 1, retry: true });
    expect(await worker.syncAddresses()).toMatchObject({ removed: 1, retry: false });
    expect(world.broker.queues()).toEqual({ orders: 0 });
    expect(world.broker.addresses()).toEqual(['orders']);
  });
});
