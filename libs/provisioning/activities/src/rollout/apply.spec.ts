import { beforeEach, describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import { refOf } from '@samband/resources';
import { aGitSource, aMessagingUser, anAddress, anAddressSpace } from '@samband/testing';
import { aRun } from '../world.spec-helper.js';
import { applyRollout } from './apply.js';
import { awaitReady } from './await.js';
import { aMap, RolloutWorld } from './rollout.spec-helper.js';

describe('applying', () => {
  let world: RolloutWorld;
  beforeEach(async () => {
    world = await new RolloutWorld().withPlans();
  });

  const data = async (name: string): Promise<unknown> => (await world.get(refOf(aMap(name, {}))))?.['data'];

  it('writes a space before its addresses before its users, as the service account', async () => {
    const order: string[] = [];
    world.memory.may = (user, verb, { kind }) => {
      if (verb === 'patch' && user.endsWith(':team:deployer')) order.push(kind);
      return true;
    };
    const rollout = await world.commit([aMessagingUser(), anAddress(), anAddressSpace(), aMap('m', {})]);
    await world.prepare(rollout);
    order.length = 0;
    await applyRollout(world.ports(), rollout, aRun());
    expect(order).toEqual(['ConfigMap', 'AddressSpace', 'Address', 'MessagingUser']);
  });

  it('takes over what kubectl set, and says so', async () => {
    await world.add(aMap('handmade', { a: 'kubectl', b: 'kubectl' }));
    await world.rollOut([aMap('handmade', { a: 'git' })]);
    expect(await data('handmade')).toEqual({ a: 'git', b: 'kubectl' });
    expect(world.events).toEqual([expect.stringContaining('FieldsTakenOver')]);
    expect(world.events[0]).toContain('kubectl-create');
  });

  it('stops at an object that another source declares, and names that source', async () => {
    await world.add(aGitSource({ metadata: { name: 'other', namespace: 'team' } }));
    await world.memory.store.apply(aMap('both', { a: 'theirs' }), { fieldManager: 'samband.dev/team.other' });
    const rollout = await world.commit([aMap('both', { a: 'ours' }), anAddressSpace()]);
    await world.prepare(rollout);
    await expect(applyRollout(world.ports(), rollout, aRun())).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('team/other'),
    });
    expect(await data('both')).toEqual({ a: 'theirs' });
    expect(world.tenants()).not.toHaveProperty('enmasse.io/AddressSpace/team/app');
    expect(await world.problemsOf(rollout)).toMatchObject([
      { code: 'CONFLICT', resource: 'ConfigMap team/both' },
    ]);
  });

  it('takes over what a source that is gone has left', async () => {
    await world.memory.store.apply(aMap('left', { a: 'theirs' }), { fieldManager: 'samband.dev/team.other' });
    await world.rollOut([aMap('left', { a: 'ours' })]);
    expect(await data('left')).toEqual({ a: 'ours' });
  });

  const ours = (): Promise<unknown> => world.rollOut([aMap('m', { a: '1' })]);
  it.each([
    {
      what: 'made',
      before: () => Promise.resolve(),
      meanwhile: () => world.add(aMap('m', { a: 'kubectl' })),
    },
    {
      what: 'changed',
      before: ours,
      meanwhile: () => world.edit(refOf(aMap('m', {})), { data: { a: 'kubectl' } }),
    },
    {
      what: 'removed',
      before: ours,
      meanwhile: () => world.memory.store.delete(refOf(aMap('m', {}))),
    },
  ])('leaves and reports what somebody else $what after it was planned', async (given) => {
    const { what, before, meanwhile } = given;
    await before();
    const rollout = await world.commit([aMap('m', { a: 'git' })]);
    await world.prepare(rollout);
    await meanwhile();
    const then = await data('m');
    await expect(applyRollout(world.ports(), rollout, aRun())).rejects.toMatchObject({
      code: 'KUBERNETES_CONFLICT',
      message: expect.stringContaining(`was ${what} by somebody else`),
    });
    expect(await data('m')).toEqual(then);
    await world.goBack(rollout);
    expect(await data('m')).toEqual(then);
  });

  it('forgets the problems of an attempt once a later one succeeds', async () => {
    const rollout = await world.commit([aMap('m', { a: '1' })]);
    await world.prepare(rollout);
    world.memory.may = () => false;
    await expect(applyRollout(world.ports(), rollout, aRun())).rejects.toMatchObject({
      code: 'KUBERNETES_FORBIDDEN',
    });
    expect(await world.problemsOf(rollout)).toHaveLength(1);
    world.memory.may = () => true;
    await applyRollout(world.ports(), rollout, aRun());
    expect(await world.problemsOf(rollout)).toEqual([]);
  });

  it('writes nothing at all once the attempt no longer counts', async () => {
    const rollout = await world.commit([anAddressSpace(), anAddress(), aMap('m', {})]);
    await world.prepare(rollout);
    const before = world.memory.all();
    const controller = new AbortController();
    controller.abort(new CancelledFailure('TIMED_OUT'));
    await expect(applyRollout(world.ports(), rollout, aRun(controller.signal))).rejects.toThrow('TIMED_OUT');
    expect(world.memory.all()).toEqual(before);
  });

  it('notes what it wrote when it is cancelled in the middle, so that just that is taken back', async () => {
    const rollout = await world.commit([aMap('a', {}), aMap('b', {}), anAddressSpace()]);
    await world.prepare(rollout);
    const before = world.tenants();
    const controller = new AbortController();
    const run = {
      ...aRun(controller.signal),
      beat: () => {
        controller.abort(new CancelledFailure('CANCELLED'));
      },
    };
    await expect(applyRollout(world.ports(), rollout, run)).rejects.toThrow('CANCELLED');
    expect(world.tenants()).not.toEqual(before);
    expect(await world.goBack(rollout)).toMatchObject({ conflicts: 0 });
    expect(world.tenants()).toEqual(before);
  });

  it.each([
    { what: 'in the tier in which it is cancelled', isRepeated: false },
    { what: 'in an attempt before the one that is cancelled', isRepeated: true },
  ])('knows what it wrote $what, so that a change on top of that is a conflict', async ({ isRepeated }) => {
    const rollout = await world.commit([aMap('a', { a: '1' }), aMap('b', {})]);
    await world.prepare(rollout);
    const controller = new AbortController();
    const stop = (): void => {
      controller.abort(new CancelledFailure('CANCELLED'));
    };
    if (isRepeated) {
      await applyRollout(world.ports(), rollout, aRun());
      stop();
    }
    const run = { ...aRun(controller.signal), beat: stop };
    await expect(applyRollout(world.ports(), rollout, run)).rejects.toThrow('CANCELLED');
    await world.edit(refOf(aMap('a', {})), { data: { a: 'kubectl' } });
    expect(await world.goBack(rollout)).toMatchObject({ conflicts: 1 });
    expect(await data('a')).toEqual({ a: 'kubectl' });
  });

  it('of nothing succeeds', async () => {
    const rollout = await world.rollOut([]);
    await expect(awaitReady(world.ports(), rollout, aRun())).resolves.toEqual({ ready: 0 });
  });
});
