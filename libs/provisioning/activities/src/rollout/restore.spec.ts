import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EntityRef } from '@samband/contract';
import { refOf } from '@samband/resources';
import { anAddress, anAddressSpace } from '@samband/testing';
import { aRun } from '../world.spec-helper.js';
import { applyRollout } from './apply.js';
import { awaitRestored } from './await.js';
import { restoreRollout } from './restore.js';
import { aMap, RolloutWorld } from './rollout.spec-helper.js';

describe('the way back', () => {
  let world: RolloutWorld;
  beforeEach(async () => {
    world = await new RolloutWorld().withPlans();
  });

  async function applied(objects: readonly object[]): Promise<EntityRef> {
    const rollout = await world.commit(objects);
    await world.prepare(rollout);
    await applyRollout(world.ports(), rollout, aRun());
    await world.settled();
    return rollout;
  }

  const data = async (name: string): Promise<unknown> => (await world.get(refOf(aMap(name, {}))))?.['data'];

  it('restores an adopted object exactly, labels and all', async () => {
    await world.add(aMap('handmade', { a: 'kubectl', b: 'kubectl' }));
    const before = world.tenants();
    const rollout = await applied([aMap('handmade', { a: 'git', c: 'git' })]);
    expect(await data('handmade')).toEqual({ a: 'git', b: 'kubectl', c: 'git' });
    await world.goBack(rollout);
    expect(world.tenants()).toEqual(before);
  });

  it('brings back what kubectl had set on an object of ours and the commit set anew', async () => {
    await world.rollOut([aMap('m', { a: '1' })]);
    await world.edit(refOf(aMap('m', {})), { data: { theirs: 'x', other: 'y' } });
    const before = world.tenants();
    const rollout = await applied([aMap('m', { a: '2', theirs: 'git' })]);
    expect(await data('m')).toEqual({ a: '2', theirs: 'git', other: 'y' });
    await world.goBack(rollout);
    expect(world.tenants()).toEqual(before);
  });

  it('leaves and reports what somebody changed after it was applied', async () => {
    await world.rollOut([aMap('changed', { a: '1' }), aMap('fine', { a: '1' })]);
    const rollout = await applied([aMap('changed', { a: '2' }), aMap('fine', { a: '2' }), aMap('added', {})]);
    await world.edit(refOf(aMap('changed', {})), { data: { a: '3' } });
    await world.edit(refOf(aMap('added', {})), { data: { b: '1' } });
    expect(await world.goBack(rollout)).toEqual({ restored: 1, conflicts: 2 });
    expect([await data('changed'), await data('fine'), await data('added')]).toEqual([
      { a: '3' },
      { a: '1' },
      { b: '1' },
    ]);
    expect(
      (await world.problemsOf(rollout)).map(({ code, resource }) => `${code} ${resource}`).sort(),
    ).toEqual(['CONFLICT ConfigMap team/added', 'CONFLICT ConfigMap team/changed']);
    await restoreRollout(world.ports(), rollout, aRun());
    expect(await world.problemsOf(rollout)).toHaveLength(2);
  });

  it('does not take somebody’s change beside our addition for the state before', async () => {
    await world.rollOut([aMap('m', { a: '1' })]);
    const rollout = await applied([aMap('m', { a: '1', added: 'git' })]);
    await world.edit(refOf(aMap('m', {})), { data: { theirs: 'x' } });
    expect(await world.goBack(rollout)).toEqual({ restored: 0, conflicts: 1 });
    expect(await data('m')).toEqual({ a: '1', added: 'git', theirs: 'x' });
  });

  it('reports what somebody else removed meanwhile', async () => {
    await world.rollOut([aMap('m', { a: '1' })]);
    const rollout = await applied([aMap('m', { a: '2' })]);
    await world.memory.store.delete(refOf(aMap('m', {})));
    expect(await world.goBack(rollout)).toEqual({ restored: 0, conflicts: 1 });
    expect(await data('m')).toBeUndefined();
  });

  it('counts what an attempt that died had removed, and could not note any more', async () => {
    const rollout = await applied([aMap('a', {}), aMap('b', {})]);
    await world.memory.store.delete(refOf(aMap('a', {})));
    expect(await world.goBack(rollout)).toEqual({ restored: 2, conflicts: 0 });
    expect(await awaitRestored(world.ports(), rollout, aRun())).toEqual({ ready: 0 });
  });

  it('goes past an object that it may not restore, says which, and ends when it may', async () => {
    await world.rollOut([aMap('a', { a: '1' }), aMap('locked', { a: '1' }), aMap('z', { a: '1' })]);
    const before = world.tenants();
    const rollout = await applied([aMap('a', { a: '2' }), aMap('locked', { a: '2' }), aMap('z', { a: '2' })]);
    world.memory.may = (_, verb, { name }) => name !== 'locked' || verb === 'get';
    await expect(restoreRollout(world.ports(), rollout, aRun())).rejects.toMatchObject({
      code: 'KUBERNETES_FORBIDDEN',
      message: expect.stringContaining('ConfigMap team/locked'),
    });
    expect([await data('a'), await data('locked'), await data('z')]).toEqual([
      { a: '1' },
      { a: '2' },
      { a: '1' },
    ]);
    expect(await world.problemsOf(rollout)).toMatchObject([
      { code: 'KUBERNETES_FORBIDDEN', resource: 'ConfigMap team/locked' },
    ]);
    world.memory.may = () => true;
    expect(await world.goBack(rollout)).toEqual({ restored: 3, conflicts: 0 });
    expect(world.tenants()).toEqual(before);
  });

  it('keeps the rights that it still needs until the rest is restored', async () => {
    const role = (verbs: string[]): object => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { namespace: 'team', name: 'deployer' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs }],
    });
    const rollout = await applied([role(['*']), aMap('a', {}), aMap('b', {})]);
    world.memory.may = (_, verb, { name }) => name !== 'a' || verb === 'get';
    await expect(restoreRollout(world.ports(), rollout, aRun())).rejects.toMatchObject({
      code: 'KUBERNETES_FORBIDDEN',
    });
    expect(world.tenants()).toHaveProperty(['rbac.authorization.k8s.io/Role/team/deployer']);
    expect(await data('b')).toBeUndefined();
    world.memory.may = () => true;
    await world.goBack(rollout);
    expect(world.tenants()).not.toHaveProperty(['rbac.authorization.k8s.io/Role/team/deployer']);
  });

  it('tries what was forbidden once more when it has restored rights later on its way', async () => {
    const role = (level: string): object => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { namespace: 'team', name: 'deployer', annotations: { level } },
    });
    await world.rollOut([role('high'), aMap('m', { a: '1' })]);
    const rollout = await applied([role('low'), aMap('m', { a: '2' })]);
    world.memory.may = (_, verb, { kind }) => {
      const live = world.tenants()['rbac.authorization.k8s.io/Role/team/deployer'];
      return kind === 'Role' || verb === 'get' || JSON.stringify(live).includes('high');
    };
    expect(await world.goBack(rollout)).toEqual({ restored: 2, conflicts: 0 });
    expect(await data('m')).toEqual({ a: '1' });
  });

  it('ends at once when the API server is away, to go on later', async () => {
    await world.rollOut([aMap('m', { a: '1' })]);
    const rollout = await applied([aMap('m', { a: '2' })]);
    const ports = world.ports();
    const away = Object.assign(new Error('away'), { code: 'KUBERNETES_UNAVAILABLE' });
    const store = new Proxy(ports.store, {
      get: (target, name): unknown =>
        name === 'apply' ? () => Promise.reject(away) : Reflect.get(target, name),
    });
    await expect(restoreRollout({ ...ports, store }, rollout, aRun())).rejects.toBe(away);
    expect(await world.goBack(rollout)).toEqual({ restored: 1, conflicts: 0 });
  });

  it('changes nothing for a rollout that had not begun to apply', async () => {
    await world.rollOut([aMap('m', { a: '1' })]);
    const before = world.tenants();
    const rollout = await world.commit([aMap('m', { a: '2' }), aMap('new', {})]);
    await world.prepare(rollout);
    expect(await world.goBack(rollout)).toMatchObject({ conflicts: 0 });
    expect(world.tenants()).toEqual(before);
  });

  it('waits until a space that was added is gone', async () => {
    const rollout = await applied([anAddressSpace(), anAddress()]);
    world.holdRemovals();
    await restoreRollout(world.ports(), rollout, aRun());
    const waiting = awaitRestored(world.ports(), rollout, aRun());
    const first = await Promise.race([waiting, world.settled().then(() => 'still waiting')]);
    expect(first).toBe('still waiting');
    world.releaseRemovals();
    await expect(waiting).resolves.toEqual({ ready: 2 });
  });
});
