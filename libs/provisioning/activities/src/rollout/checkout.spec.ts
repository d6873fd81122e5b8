import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EntityRef } from '@samband/contract';
import { refOf } from '@samband/resources';
import { aGitSource } from '@samband/testing';
import { aRun } from '../world.spec-helper.js';
import { checkoutCommit } from './checkout.js';
import { rolloutRef } from './refs.js';
import { aMap, RolloutWorld } from './rollout.spec-helper.js';

describe('a Rollout that is made again under its name', () => {
  it('checks its commit out for itself', async () => {
    const world = await new RolloutWorld().withPlans();
    const ref = await world.commit([aMap('one', { a: '1' })]);
    await checkoutCommit(world.ports(), ref, aRun());
    await world.memory.store.delete(rolloutRef(ref));
    await world.attempt(world.head ?? '', 1);
    await checkoutCommit(world.ports(), ref, aRun());
    const { metadata } = (await world.get(rolloutRef(ref)))!;
    const kept = { apiVersion: 'v1', kind: 'Secret', namespace: 'team', name: `${ref.name}-tree-0` };
    expect((await world.get(kept))?.metadata.ownerReferences).toMatchObject([{ uid: metadata.uid }]);
  });
});

describe('a commit that cannot be fetched', () => {
  let world: RolloutWorld;
  let again: EntityRef;
  beforeEach(async () => {
    world = await new RolloutWorld().withPlans();
    const first = await world.commit([aMap('one', { a: '1' })]);
    await checkoutCommit(world.ports(), first, aRun());
    again = await world.attempt(world.head ?? '', 2);
    world.isGitAway = true;
  });

  it('is taken from an earlier rollout of it', async () => {
    expect(await checkoutCommit(world.ports(), again, aRun())).toMatchObject({ files: 1 });
  });

  it('is not taken from one that read another folder of it', async () => {
    await world.edit(refOf(aGitSource()), { spec: { path: 'other' } });
    await expect(checkoutCommit(world.ports(), again, aRun())).rejects.toMatchObject({
      code: 'GIT_UNAVAILABLE',
    });
  });

  it('is not taken from anywhere by an attempt that was given up', async () => {
    await expect(checkoutCommit(world.ports(), again, aRun(AbortSignal.abort()))).rejects.not.toMatchObject({
      code: 'GIT_UNAVAILABLE',
    });
  });
});
