import { beforeEach, describe, expect, it } from '@jest/globals';
import { refOf, type KubeObject, type ResourceStore } from '@samband/resources';
import { anAddress, anAddressSpace } from '@samband/testing';
import type { Ports } from '../ports.js';
import { aRun } from '../world.spec-helper.js';
import { applyRollout } from './apply.js';
import { pruneRollout } from './prune.js';
import { restoreRollout } from './restore.js';
import { aMap, RolloutWorld } from './rollout.spec-helper.js';

type Meanwhile = (object: KubeObject) => Promise<unknown>;

describe('an object that is written between judgement and write', () => {
  let world: RolloutWorld;
  beforeEach(async () => {
    world = await new RolloutWorld().withPlans();
  });

  /** Ports whose writes of tenants' objects come, once for each, just after somebody else's. */
  function overtakenBy(meanwhile: Meanwhile): Ports {
    const ports = world.ports();
    const { store } = ports;
    const overtaken = new Set<string>();
    const before = async (name: string): Promise<void> => {
      if (overtaken.has(name)) return;
      overtaken.add(name);
      const live = world.memory.all().find(({ metadata }) => metadata.name === name);
      if (live !== undefined) await meanwhile(live);
    };
    const racing: Partial<ResourceStore> = {
      async apply(object, options) {
        await before(object.metadata.name);
        return store.apply(object, options);
      },
      async applyMany(objects, options) {
        for (const { metadata } of objects) await before(metadata.name);
        return store.applyMany(objects, options);
      },
      async delete(ref, options) {
        await before(ref.name);
        return store.delete(ref, options);
      },
      async deleteMany(refs, options) {
        for (const { name } of refs) await before(name);
        return store.deleteMany(refs, options);
      },
    };
    return { ...ports, store: { ...store, ...racing } };
  }

  const edit: Meanwhile = (object) => world.edit(refOf(object), { data: { a: 'theirs' } });
  const tell: Meanwhile = ({ kind, apiVersion, metadata: { namespace = '', name } }) =>
    world.memory.store.patchStatus({
      ref: { kind, apiVersion, namespace, name },
      status: { messages: ['x'] },
    });
  const data = async (name: string): Promise<unknown> => (await world.get(refOf(aMap(name, {}))))?.['data'];
  const names = Array.from({ length: 40 }, (_, index) => `m${index}`);
  const maps = (value: string): KubeObject[] => names.map((name) => aMap(name, { a: value }));

  it('is not removed by a prune, nor lost', async () => {
    await world.rollOut(maps('1'));
    const rollout = await world.commit([]);
    await world.prepare(rollout);
    expect(await pruneRollout(overtakenBy(edit), rollout, aRun())).toEqual({ removed: 0, conflicts: 40 });
    for (const name of names) expect(await data(name)).toEqual({ a: 'theirs' });
  });

  it('is not overwritten by a way back', async () => {
    await world.rollOut(maps('1'));
    const rollout = await world.commit([...maps('2'), aMap('added', { a: '2' })]);
    await world.prepare(rollout);
    await applyRollout(world.ports(), rollout, aRun());
    expect(await restoreRollout(overtakenBy(edit), rollout, aRun())).toEqual({ restored: 0, conflicts: 41 });
    for (const name of [...names, 'added']) expect(await data(name)).toEqual({ a: 'theirs' });
  });

  it('is not overwritten by a commit that was planned before', async () => {
    await world.rollOut(maps('1'));
    const rollout = await world.commit(maps('2'));
    await world.prepare(rollout);
    await expect(applyRollout(overtakenBy(edit), rollout, aRun())).rejects.toMatchObject({
      code: 'KUBERNETES_CONFLICT',
    });
    for (const name of names) expect(await data(name)).toEqual({ a: 'theirs' });
    expect(await world.problemsOf(rollout)).toHaveLength(40);
  });

  it('is written all the same where our own workers wrote its status', async () => {
    await world.rollOut([anAddressSpace(), anAddress()]);
    await world.settled();
    const removal = await world.commit([anAddressSpace()]);
    await world.prepare(removal);
    expect(await pruneRollout(overtakenBy(tell), removal, aRun())).toEqual({ removed: 1, conflicts: 0 });
  });
});
