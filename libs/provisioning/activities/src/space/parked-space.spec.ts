import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { kindRef, refOf, type KubeObject } from '@samband/resources';
import { aMessagingUser, anAddress, anAddressSpace, Lifetime } from '@samband/testing';
import { namespaceRef } from './refs.js';
import { space, SpaceWorld, type Worker } from './space.spec-helper.js';

const orders = anAddress();
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } };
const listed = { ...kindRef('ParkedSpace'), namespace: 'team', name: 'app' };
const parkFor = (value: string): object => ({ metadata: { annotations: { 'samband.dev/park-for': value } } });
const nextDay = '2026-01-02T00:00:00.000Z';

describe('a space that is removed with messages in it', () => {
  let world: SpaceWorld;
  let worker: Worker;
  beforeEach(async () => {
    world = await new SpaceWorld().withSpace();
    worker = world.worker();
    await world.add(namespace);
    await world.add(orders);
    await world.add(aMessagingUser());
    await worker.bringUp();
    world.broker.send('orders', 5);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const storeOf = (): Promise<string> => world.infra.runtime.inspectStore(world.id);
  const parked = (): Promise<KubeObject | undefined> => world.get(listed);
  const secrets = async (): Promise<string[]> =>
    (
      await world.memory.store.list({ apiVersion: 'v1', kind: 'Secret' }, { namespace: 'enmasse-infra' })
    ).items.map(({ metadata }) => metadata.name);
  const remove = async (): Promise<unknown> => {
    await world.remove(anAddressSpace());
    return worker.attendRemoval();
  };
  const comeBack = async (): Promise<void> => {
    await world.add(anAddressSpace());
    await worker.bringUp();
  };
  /** Its namespace goes with all that is in it, and comes again under its name. */
  const replaceNamespace = async (): Promise<void> => {
    await world.remove(listed);
    await world.remove(namespaceRef('team'));
    await world.add(namespace);
  };

  it('is parked: nobody gets in, its broker is stopped, its journal is kept, and its team can read of it', async () => {
    world.broker.connected.add('bob');
    expect(await remove()).toEqual({ kind: 'parked', destroyAt: nextDay });
    expect(await world.get(refOf(anAddressSpace()))).toBeUndefined();
    expect(world.broker.connected.size).toBe(0);
    expect(world.infra.files(world.id)['users']).not.toContain('bob');
    expect(await storeOf()).toBe('parked');
    expect(await parked()).toMatchObject({
      status: {
        messages: 5,
        queues: 1,
        parkedAt: '2026-01-01T00:00:00.000Z',
        destroyAt: nextDay,
        message: expect.stringContaining('5 messages in 1 queue is kept until 2026-01-02'),
      },
    });
    expect(world.events.filter((event) => event.includes('MessagesKept'))).toHaveLength(1);
  });

  it('is counted only after nobody can send any more', async () => {
    await remove();
    const { calls } = world.broker;
    expect(calls.indexOf('shut out')).toBeGreaterThan(calls.indexOf('forget logins'));
    expect(calls.indexOf('count')).toBeGreaterThan(calls.indexOf('shut out'));
  });

  it('holds no memory while it is parked', async () => {
    await remove();
    world.infra.freeMemoryMiB = 0;
    await world.add(anAddressSpace());
    await expect(worker.bringUp()).rejects.toMatchObject({ code: 'MEMORY_EXHAUSTED' });
    expect(await storeOf()).toBe('parked');
    // The commit that brought it back is taken back: its time begins again, and nothing is lost.
    world.wait(30);
    expect(await remove()).toEqual({ kind: 'parked', destroyAt: '2026-01-03T06:00:00.000Z' });
    expect(await parked()).toMatchObject({ status: { messages: 5 } });
  });

  it('has its messages again when it comes back in its namespace, and is parked no longer', async () => {
    await remove();
    await comeBack();
    expect(world.broker.queues()).toEqual({ orders: 5 });
    expect(await parked()).toBeUndefined();
    expect(await worker.attendRemoval()).toMatchObject({ kind: 'provision' });
    expect(world.events.some((event) => event.includes('MessagesReturned'))).toBe(true);
    world.wait(48);
    expect(await worker.attendRemoval()).toMatchObject({ kind: 'provision' });
    expect(world.broker.queues()).toEqual({ orders: 5 });
  });

  it('finds queues that nobody declares any more parked when it comes back', async () => {
    await remove();
    await world.remove(orders);
    await comeBack();
    expect(world.broker.queues()).toEqual({ orders: 5 });
    expect((await world.space()).status?.parkedAddresses).toMatchObject([{ queue: 'orders', messages: 5 }]);
  });

  it('is destroyed when its time is over, with all that is remembered of it', async () => {
    await remove();
    world.wait(25);
    expect(await worker.attendRemoval()).toEqual({ kind: 'absent' });
    expect(await storeOf()).toBe('none');
    expect(await parked()).toBeUndefined();
    expect(await secrets()).toEqual([]);
  });

  it('keeps its time though a clock is put forward', async () => {
    await remove();
    world.steadyNow = world.now;
    world.wait(48);
    expect(await worker.attendRemoval()).toMatchObject({ kind: 'parked' });
  });

  it.each([
    ['72h', '2026-01-04T00:00:00.000Z'],
    ['1h', '2026-01-01T01:00:00.000Z'],
    ['nonsense', nextDay],
  ])('is kept for the time that it said: %s', async (wish, destroyAt) => {
    await world.edit(refOf(anAddressSpace()), parkFor(wish));
    expect(await remove()).toEqual({ kind: 'parked', destroyAt });
  });

  it('that said 0s is destroyed at once', async () => {
    await world.edit(refOf(anAddressSpace()), parkFor('0s'));
    expect(await remove()).toEqual({ kind: 'absent' });
    expect(await storeOf()).toBe('none');
  });

  it('is kept longer, or let go now, when its team says so of the ParkedSpace', async () => {
    await remove();
    await world.edit(listed, parkFor('72h'));
    expect(await worker.attendRemoval()).toEqual({ kind: 'parked', destroyAt: '2026-01-04T00:00:00.000Z' });
    expect(await parked()).toMatchObject({ status: { destroyAt: '2026-01-04T00:00:00.000Z' } });
    await world.edit(listed, parkFor('0s'));
    expect(await worker.attendRemoval()).toEqual({ kind: 'absent' });
    expect(await storeOf()).toBe('none');
  });

  it('is told of again when somebody removed the ParkedSpace: only its team’s word lets messages go', async () => {
    await remove();
    await world.remove(listed);
    expect(await worker.attendRemoval()).toMatchObject({ kind: 'parked' });
    expect(await parked()).toMatchObject({ status: { messages: 5 } });
  });

  it('ends with its namespace, and one of that name made later never sees its messages', async () => {
    await remove();
    await replaceNamespace();
    await world.add(anAddressSpace());
    expect(await worker.attendRemoval()).toMatchObject({ kind: 'provision' });
    expect(await storeOf()).toBe('none');
    await worker.bringUp();
    expect(world.broker.queues()).toEqual({ orders: 0 });
  });

  it('is destroyed soon once its namespace is gone', async () => {
    await remove();
    await world.remove(listed);
    await world.remove(namespaceRef('team'));
    expect(await worker.attendRemoval()).toEqual({ kind: 'absent' });
    expect(await storeOf()).toBe('none');
    expect(await secrets()).toEqual([]);
  });

  it('is not parked when its namespace is what is removed', async () => {
    await world.remove(anAddressSpace());
    await world.edit(namespaceRef('team'), { metadata: { finalizers: ['hold'] } });
    await world.remove(namespaceRef('team'));
    await worker.attendRemoval();
    expect(await storeOf()).toBe('none');
  });

  it('is kept when its broker cannot be counted, and says so', async () => {
    // The worker waits for a broker that does not answer by the clock of its process.
    const began = performance.now();
    jest
      .spyOn(performance, 'now')
      .mockReturnValueOnce(began)
      .mockReturnValue(began + 60_000);
    world.broker.isAway = true;
    expect(await remove()).toMatchObject({ kind: 'parked' });
    expect(await storeOf()).toBe('parked');
    const { status } = (await parked()) as { status?: { messages?: number; message?: string } };
    expect(status?.messages).toBeUndefined();
    expect(status?.message).toContain('could not be counted');
  });

  it('goes at once when it is empty', async () => {
    world.broker.drain('orders');
    expect(await remove()).toEqual({ kind: 'absent' });
    expect(await storeOf()).toBe('none');
    expect(await secrets()).toEqual([]);
    expect(await parked()).toBeUndefined();
  });

  it('is parked, and adopted, whenever its worker is killed in between', async () => {
    for (let allowed = 0; ; allowed += 1) {
      const life = new Lifetime(allowed);
      await world.remove(anAddressSpace());
      await world
        .worker(life)
        .attendRemoval()
        .catch(() => undefined);
      expect(await world.worker().attendRemoval()).toMatchObject({ kind: 'parked' });
      expect(await parked()).toMatchObject({ status: { messages: 5, queues: 1 } });
      await world.add(anAddressSpace());
      const second = new Lifetime(allowed);
      await world
        .worker(second)
        .bringUp()
        .catch(() => undefined);
      await world.worker().bringUp();
      expect(world.broker.queues()).toEqual({ orders: 5 });
      expect(await parked()).toBeUndefined();
      if (!life.isOver && !second.isOver) return;
    }
  });

  it('of another team is nothing to a team whose space has its name', async () => {
    await remove();
    expect(space).toEqual({ namespace: 'team', name: 'app' });
    await worker.attendRemoval({ namespace: 'other', name: 'app' });
    expect(await storeOf()).toBe('parked');
    expect(await world.get({ ...listed, namespace: 'other' })).toBeUndefined();
  });
});
