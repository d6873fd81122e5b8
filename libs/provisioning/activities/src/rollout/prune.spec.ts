import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EntityRef } from '@samband/contract';
import { refOf } from '@samband/resources';
import { aMessagingUser, anAddress, anAddressSpace } from '@samband/testing';
import { admittedDigest } from '../space/publish-users.js';
import { usersOf } from '../space/users.js';
import { aRun } from '../world.spec-helper.js';
import { pruneRollout } from './prune.js';
import { aMap, RolloutWorld } from './rollout.spec-helper.js';

const space = { namespace: 'team', name: 'app' };

describe('removing what a commit no longer holds', () => {
  let world: RolloutWorld;
  beforeEach(async () => {
    world = await new RolloutWorld().withPlans();
  });

  async function planned(objects: readonly object[]): Promise<EntityRef> {
    const rollout = await world.commit(objects);
    await world.prepare(rollout);
    await world.settled();
    return rollout;
  }

  const has = (key: string): boolean => Object.hasOwn(world.tenants(), key);

  it('goes from users to addresses to spaces to the rest, as the service account', async () => {
    await world.rollOut([anAddressSpace(), anAddress(), aMessagingUser(), aMap('m', {})]);
    const rollout = await planned([]);
    const order: string[] = [];
    world.memory.may = (user, verb, { kind }) => {
      if (verb === 'delete' && user.endsWith(':team:deployer')) order.push(kind);
      return true;
    };
    expect(await pruneRollout(world.ports(), rollout, aRun())).toEqual({ removed: 4, conflicts: 0 });
    expect(order).toEqual(['MessagingUser', 'Address', 'AddressSpace', 'ConfigMap']);
  });

  it('is over only when the space says that it admits none of the users who went', async () => {
    const [bob, eve] = [aMessagingUser(), aMessagingUser({ spec: { username: 'eve' } })];
    await world.rollOut([anAddressSpace(), bob, eve]);
    const ports = world.ports();
    const say = (): Promise<unknown> =>
      world.memory.store.patchStatus({
        ref: refOf(anAddressSpace()),
        status: { users: { declared: 1, ready: 1, admitted: admittedDigest(ports, usersOf(ports, space)) } },
      });
    await say();
    const rollout = await planned([anAddressSpace(), eve]);
    await expect(pruneRollout({ ...ports, waitSeconds: 0 }, rollout, aRun())).rejects.toMatchObject({
      code: 'WAIT_TIMEOUT',
      message: expect.stringContaining('has not refused its removed users yet'),
    });
    // The next attempt finds the user gone already, and waits for the space all the same.
    const again = pruneRollout({ ...ports, waitSeconds: 0 }, rollout, aRun());
    await expect(again).rejects.toMatchObject({ code: 'WAIT_TIMEOUT' });
    await say();
    expect(await pruneRollout(ports, rollout, aRun())).toMatchObject({ conflicts: 0 });
  });

  it('leaves what was changed or made anew after planning, and reports it', async () => {
    await world.rollOut([aMap('changed', { a: '1' }), aMap('anew', {}), aMap('gone', {}), aMap('old', {})]);
    const rollout = await planned([]);
    await world.edit(refOf(aMap('changed', {})), { data: { a: '2' } });
    await world.memory.store.delete(refOf(aMap('anew', {})));
    await world.add(aMap('anew', {}));
    await world.memory.store.delete(refOf(aMap('gone', {})));
    expect(await pruneRollout(world.ports(), rollout, aRun())).toEqual({ removed: 1, conflicts: 2 });
    expect([has('/ConfigMap/team/changed'), has('/ConfigMap/team/anew'), has('/ConfigMap/team/old')]).toEqual(
      [true, true, false],
    );
    expect(await world.problemsOf(rollout)).toMatchObject([{ code: 'CONFLICT' }, { code: 'CONFLICT' }]);
  });

  it('has one deadline for all it waits for, which counts from when it was first asked for', async () => {
    world.waitSeconds = 3_600;
    await world.rollOut([anAddressSpace(), anAddress()]);
    const rollout = await planned([]);
    world.holdRemovals();
    const elapsedMs = (): number => 1_000 * world.waitSeconds;
    await expect(pruneRollout(world.ports(), rollout, { ...aRun(), elapsedMs })).rejects.toMatchObject({
      code: 'WAIT_TIMEOUT',
    });
  });

  it('says what it may not remove, removes its like, and ends when it may', async () => {
    await world.rollOut([aMap('a', {}), aMap('locked', {}), aMap('z', {})]);
    const rollout = await planned([]);
    world.memory.may = (_, verb, { name }) => verb !== 'delete' || name !== 'locked';
    await expect(pruneRollout(world.ports(), rollout, aRun())).rejects.toMatchObject({
      code: 'KUBERNETES_FORBIDDEN',
      message: expect.stringContaining('ConfigMap team/locked'),
    });
    expect(Object.keys(world.tenants()).filter((key) => key.startsWith('/ConfigMap'))).toEqual([
      '/ConfigMap/team/locked',
    ]);
    world.memory.may = () => true;
    expect(await pruneRollout(world.ports(), rollout, aRun())).toEqual({ removed: 1, conflicts: 0 });
    expect(await world.problemsOf(rollout)).toEqual([]);
  });

  it('waits until a space is gone', async () => {
    await world.rollOut([anAddressSpace()]);
    const rollout = await planned([]);
    world.holdRemovals();
    const pruning = pruneRollout(world.ports(), rollout, aRun());
    expect(await Promise.race([pruning, world.settled().then(() => 'still waiting')])).toBe('still waiting');
    world.releaseRemovals();
    await expect(pruning).resolves.toEqual({ removed: 1, conflicts: 0 });
  });

  it('waits until the space knows of its removed addresses', async () => {
    await world.rollOut([anAddressSpace(), anAddress(), anAddress({ spec: { address: 'gone' } })]);
    const rollout = await planned([anAddressSpace(), anAddress()]);
    const space = refOf(anAddressSpace());
    world.isCounting = false;
    const pruning = pruneRollout(world.ports(), rollout, aRun());
    expect(await Promise.race([pruning, world.settled().then(() => 'still waiting')])).toBe('still waiting');
    await world.memory.store.patchStatus({
      ref: space,
      status: { addresses: { declared: 1, ready: 1, parked: 1 } },
    });
    await expect(pruning).resolves.toEqual({ removed: 1, conflicts: 0 });
  });

  it('begins when the space has counted what was added, else it could not tell what it has settled', async () => {
    await world.rollOut([anAddressSpace(), anAddress({ spec: { address: 'gone' } })]);
    const rollout = await planned([anAddressSpace(), anAddress()]);
    world.isCounting = false;
    await world.add(anAddress());
    const counted = (declared: number): Promise<unknown> =>
      world.memory.store.patchStatus({
        ref: refOf(anAddressSpace()),
        status: { addresses: { declared, ready: declared, parked: 0 } },
      });
    const pruning = pruneRollout(world.ports(), rollout, aRun());
    const isOver = (): Promise<unknown> =>
      Promise.race([pruning, world.settled().then(() => 'still waiting')]);
    expect(await isOver()).toBe('still waiting');
    expect(has('enmasse.io/Address/team/app.gone')).toBe(true);
    await counted(2);
    expect(await isOver()).toBe('still waiting');
    expect(has('enmasse.io/Address/team/app.gone')).toBe(false);
    await counted(1);
    await expect(pruning).resolves.toEqual({ removed: 1, conflicts: 0 });
  });

  it('is not held up by a space that does not count', async () => {
    world.waitSeconds = 0.05;
    await world.rollOut([anAddressSpace(), anAddress({ spec: { address: 'gone' } })]);
    const rollout = await planned([anAddressSpace()]);
    world.isCounting = false;
    await world.memory.store.patchStatus({
      ref: refOf(anAddressSpace()),
      status: { addresses: { declared: 0, ready: 0, parked: 0 } },
    });
    await expect(pruneRollout(world.ports(), rollout, aRun())).resolves.toEqual({ removed: 1, conflicts: 0 });
  });

  it('removes nothing once the attempt no longer counts', async () => {
    await world.rollOut([aMap('old', {})]);
    const rollout = await planned([]);
    const before = world.memory.all();
    await expect(pruneRollout(world.ports(), rollout, aRun(AbortSignal.abort()))).rejects.toThrow();
    expect(world.memory.all()).toEqual(before);
  });
});
