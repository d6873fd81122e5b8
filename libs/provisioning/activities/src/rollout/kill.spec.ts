import { describe, expect, it } from '@jest/globals';
import { ParsedFiles } from '@samband/gitops';
import type { EntityRef } from '@samband/contract';
import { aMessagingUser, anAddress, anAddressSpace } from '@samband/testing';
import { aRun } from '../world.spec-helper.js';
import { applyRollout } from './apply.js';
import { awaitReady } from './await.js';
import { planRollout } from './plan.js';
import { pruneRollout } from './prune.js';
import { restoreRollout } from './restore.js';
import { aMap, killedAtEveryCall, RolloutWorld } from './rollout.spec-helper.js';
import { checkoutCommit } from './checkout.js';

const first = [
  anAddressSpace(),
  anAddress(),
  anAddress({ spec: { address: 'gone' } }),
  aMessagingUser(),
  aMap('settings', { color: 'red', size: '1' }),
  aMap('old', { a: '1' }),
];

/** Adds, changes, adopts and removes, of our kinds and of others; a whole space comes and a whole one goes. */
const second = [
  anAddressSpace({ metadata: { name: 'app' } }),
  anAddress({ metadata: { labels: { tier: 'gold' } }, spec: { messageTtl: { maximum: 5_000 } } }),
  anAddress({ spec: { address: 'new' } }),
  aMessagingUser({ spec: { authorization: [{ operations: ['recv'], addresses: ['new'] }] } }),
  anAddressSpace({ metadata: { name: 'extra' } }),
  anAddress({ metadata: { name: 'extra.q' }, spec: { address: 'q' } }),
  aMap('settings', { color: 'blue' }),
  aMap('handmade', { b: 'git', c: 'git' }),
];

async function before(): Promise<{ world: RolloutWorld; rollout: EntityRef }> {
  const world = await new RolloutWorld().withPlans();
  await world.rollOut([...first, anAddressSpace({ metadata: { name: 'leaving' } })]);
  await world.add(aMap('handmade', { a: 'kubectl', b: 'kubectl' }));
  await world.settled();
  return { world, rollout: await world.commit(second) };
}

const planned = async (): Promise<{ world: RolloutWorld; rollout: EntityRef }> => {
  const start = await before();
  await start.world.prepare(start.rollout);
  return start;
};

describe('a worker that is killed after any number of calls', () => {
  it('in checkout and plan: they run again and nothing was changed', async () => {
    const undisturbed = (await planned()).world.tenants();
    const points = await killedAtEveryCall(
      before,
      async (ports, rollout) => {
        await checkoutCommit(ports, rollout, aRun());
        await planRollout(ports, new ParsedFiles(1_000), rollout, aRun());
      },
      async (world, rollout) => {
        expect(world.tenants()).toEqual(undisturbed);
        await world.prepare(rollout);
      },
    );
    expect(points).toBeGreaterThan(10);
  });

  it('in apply: applying again ends as if nothing had happened', async () => {
    const calm = await planned();
    await applyRollout(calm.world.ports(), calm.rollout, aRun());
    const undisturbed = calm.world.tenants();
    const points = await killedAtEveryCall(
      planned,
      (ports, rollout) => applyRollout(ports, rollout, aRun()),
      async (world, rollout) => {
        await applyRollout(world.ports(), rollout, aRun());
        await awaitReady(world.ports(), rollout, aRun());
        expect(world.tenants()).toEqual(undisturbed);
        expect(await world.problemsOf(rollout)).toEqual([]);
      },
    );
    expect(points).toBeGreaterThan(10);
  });

  it('in apply: the way back restores what was', async () => {
    const undisturbed = (await planned()).world.tenants();
    await killedAtEveryCall(
      planned,
      (ports, rollout) => applyRollout(ports, rollout, aRun()),
      async (world, rollout) => {
        expect((await world.goBack(rollout)).conflicts).toBe(0);
        await world.settled();
        expect(world.tenants()).toEqual(undisturbed);
      },
    );
  });

  it('in the way back: going back again restores what was', async () => {
    const applied = async (): Promise<{ world: RolloutWorld; rollout: EntityRef }> => {
      const start = await planned();
      await applyRollout(start.world.ports(), start.rollout, aRun());
      await start.world.settled();
      start.world.holdRemovals();
      return start;
    };
    const undisturbed = (await planned()).world.tenants();
    const points = await killedAtEveryCall(
      applied,
      (ports, rollout) => restoreRollout(ports, rollout, aRun()),
      async (world, rollout) => {
        const again = world.goBack(rollout);
        await world.settled();
        world.releaseRemovals();
        expect((await again).conflicts).toBe(0);
        await world.settled();
        expect(world.tenants()).toEqual(undisturbed);
        expect(await world.problemsOf(rollout)).toEqual([]);
      },
    );
    expect(points).toBeGreaterThan(10);
  });

  it('in prune: pruning again removes what is gone, and reports nothing', async () => {
    const verified = async (): Promise<{ world: RolloutWorld; rollout: EntityRef }> => {
      const start = await planned();
      await applyRollout(start.world.ports(), start.rollout, aRun());
      await start.world.settled();
      return start;
    };
    const calm = await verified();
    await pruneRollout(calm.world.ports(), calm.rollout, aRun());
    await calm.world.settled();
    const undisturbed = calm.world.tenants();
    await killedAtEveryCall(
      async () => {
        const start = await verified();
        start.world.holdRemovals();
        return start;
      },
      async (ports, rollout, world) => {
        const pruning = pruneRollout(ports, rollout, aRun());
        const ended = pruning.then(
          () => true,
          () => true,
        );
        const isOver = await Promise.race([ended, world.settled().then(() => false)]);
        if (!isOver) world.releaseRemovals();
        await pruning;
      },
      async (world, rollout) => {
        const again = pruneRollout(world.ports(), rollout, aRun());
        await world.settled();
        world.releaseRemovals();
        const { conflicts } = await again;
        expect(conflicts).toBe(0);
        expect(world.tenants()).toEqual(undisturbed);
      },
    );
  });
});
