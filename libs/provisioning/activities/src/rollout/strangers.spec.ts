import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EntityRef } from '@samband/contract';
import { labels, refOf, type KubeObject } from '@samband/resources';
import { aGitSource, anAddress, anAddressSpace } from '@samband/testing';
import { aRun } from '../world.spec-helper.js';
import { applyRollout } from './apply.js';
import { recordRollout } from './load.js';
import { aMap, RolloutWorld } from './rollout.spec-helper.js';

const labelled = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    labels: { [labels.source]: 'messaging', [labels.sourceNamespace]: 'team' },
  },
});
const copy = anAddress({ spec: { address: 'copy' } });
const original = anAddress({ spec: { address: 'original' } });

describe('a commit removes', () => {
  let world: RolloutWorld;
  beforeEach(async () => {
    world = await new RolloutWorld().withPlans();
    await world.rollOut([anAddressSpace(), anAddress(), original, aMap('original', {})]);
  });

  const has = (object: KubeObject): boolean =>
    Object.keys(world.tenants()).some((key) => key.endsWith(`/${object.kind}/team/${object.metadata.name}`));
  const forgetInventory = async (): Promise<void> => {
    const { items } = await world.memory.store.list(
      { apiVersion: 'v1', kind: 'Secret' },
      { namespace: 'team', labelSelector: 'samband.dev/inventory-of=messaging' },
    );
    expect(items).toHaveLength(1);
    for (const one of items) await world.memory.store.delete(refOf(one));
  };
  const commit = (...objects: object[]): Promise<EntityRef> =>
    world.rollOut([anAddressSpace(), anAddress(), ...objects]);

  it('no copy that carries the labels of the source, and an Event names it', async () => {
    await world.add(labelled(copy));
    await world.add(labelled(aMap('copy', {})));
    await commit();
    expect([has(copy), has(aMap('copy', {}))]).toEqual([true, true]);
    expect([has(original), has(aMap('original', {}))]).toEqual([false, false]);
    expect(world.events).toContainEqual(
      expect.stringContaining('NotOfThisSource Address team/app.copy carry'),
    );
  });

  it('no copy that a controller made with everything, whoever it says manages its fields', async () => {
    await world.memory.store.apply(labelled(copy), { fieldManager: 'samband.dev/team.messaging' });
    await commit();
    expect([has(copy), has(original)]).toEqual([true, false]);
  });

  it('nothing that somebody removed and made again, labels and all', async () => {
    for (const object of [original, aMap('original', {})]) {
      await world.memory.store.delete(refOf(object));
      await world.settled();
      await world.add(labelled(object));
    }
    await commit();
    expect([has(original), has(aMap('original', {}))]).toEqual([true, true]);
  });

  it('what it declared meanwhile: from then on a copy is its own', async () => {
    await world.add(labelled(copy));
    await commit(copy, original);
    await commit(original);
    expect([has(copy), has(original)]).toEqual([false, true]);
  });

  it('after an upgrade from a release that noted nothing what was applied, and no copy', async () => {
    await world.add(labelled(copy));
    await forgetInventory();
    await commit();
    expect([has(copy), has(original), has(aMap('original', {}))]).toEqual([true, false, false]);
  });

  it('after such an upgrade also what an earlier commit left behind, as far as it can be told from copies', async () => {
    await world.edit(refOf(aGitSource()), { spec: { prune: false } });
    await commit();
    await world.add(labelled(copy));
    await forgetInventory();
    await world.edit(refOf(aGitSource()), { spec: { prune: true } });
    await commit();
    expect([has(copy), has(original)]).toEqual([true, false]);
  });

  it('what was applied while it did not prune, once it prunes again', async () => {
    await world.edit(refOf(aGitSource()), { spec: { prune: false } });
    await commit();
    expect(has(original)).toBe(true);
    await world.edit(refOf(aGitSource()), { spec: { prune: true } });
    await commit();
    expect([has(original), has(aMap('original', {}))]).toEqual([false, false]);
  });

  it('what a rollout brought that got stuck on its way back', async () => {
    const brought = anAddress({ spec: { address: 'brought' } });
    const stuck = await world.commit([anAddressSpace(), anAddress(), original, brought]);
    await world.prepare(stuck);
    await applyRollout(world.ports(), stuck, aRun());
    await recordRollout(world.ports(), stuck, { phase: 'Failed', steps: [] });
    await world.settled();
    await commit(original);
    expect([has(brought), has(original)]).toEqual([false, true]);
  });

  it('what a worker brought that died before it noted so, and whose rollout got stuck', async () => {
    const brought = anAddress({ spec: { address: 'brought' } });
    const stuck = await world.commit([anAddressSpace(), anAddress(), original, brought]);
    await world.prepare(stuck);
    await world.memory.store.apply(labelled(brought), { fieldManager: 'samband.dev/team.messaging' });
    await recordRollout(world.ports(), stuck, { phase: 'Failed', steps: [] });
    await world.add(labelled(copy));
    await world.settled();
    await commit(original);
    expect([has(brought), has(copy), has(original)]).toEqual([false, true, true]);
  });
});
