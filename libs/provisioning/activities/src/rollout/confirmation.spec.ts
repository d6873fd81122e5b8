import { beforeEach, describe, expect, it } from '@jest/globals';
import { ParsedFiles } from '@samband/gitops';
import type { EntityRef, PlanOutcome } from '@samband/contract';
import { refOf } from '@samband/resources';
import { aGitSource, anAddress, anAddressSpace } from '@samband/testing';
import { aRun } from '../world.spec-helper.js';
import { applyRollout } from './apply.js';
import { checkoutCommit } from './checkout.js';
import { recordRollout } from './load.js';
import { causeAnnotation } from './made.js';
import { planRollout } from './plan.js';
import { aMap, RolloutWorld } from './rollout.spec-helper.js';

type Unconfirmed = Extract<PlanOutcome, { kind: 'unconfirmed' }>;

describe('a plan that removes everything', () => {
  let world: RolloutWorld;
  beforeEach(async () => {
    world = await new RolloutWorld().withPlans();
    await world.rollOut([anAddressSpace(), anAddress(), aMap('m', { a: '1' })]);
    await world.settled();
    world.events.length = 0;
  });

  const plan = (rollout: EntityRef): Promise<PlanOutcome> =>
    planRollout(world.ports(), new ParsedFiles(1_000), rollout, aRun());
  const emptied = async (objects: readonly object[] = []): Promise<EntityRef> => {
    const rollout = await world.commit(objects);
    await checkoutCommit(world.ports(), rollout, aRun());
    return rollout;
  };
  const ask = async (rollout: EntityRef): Promise<Unconfirmed> => {
    const outcome = await plan(rollout);
    if (outcome.kind === 'unconfirmed') return outcome;
    throw new Error(`not asked for: ${JSON.stringify(outcome)}`);
  };

  it('waits until just this plan is confirmed; nothing can be applied of it before', async () => {
    const rollout = await emptied();
    const { summary, message } = await ask(rollout);
    expect(message).toContain('1 AddressSpace (app), 1 Address (app.orders), 1 ConfigMap (m)');
    expect(message).toContain(
      `kubectl annotate rollout ${rollout.name} -n team samband.dev/confirm=${summary.digest} --overwrite`,
    );
    await expect(applyRollout(world.ports(), rollout, aRun())).rejects.toMatchObject({
      code: 'SNAPSHOT_MISSING',
    });
    await world.confirm(rollout, 'another');
    expect((await ask(rollout)).message).toContain('is not this plan');
    await world.confirm(rollout, summary.digest);
    expect(await plan(rollout)).toMatchObject({ kind: 'planned', summary });
  });

  it('is told as Events of the rollout and of its source', async () => {
    const rollout = await emptied();
    await ask(rollout);
    const told = world.events.filter((event) => event.startsWith('Warning AwaitingConfirmation this commit'));
    expect(told).toHaveLength(2);
    expect(told[0]).toContain(`kubectl annotate rollout ${rollout.name} -n team samband.dev/confirm=`);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['more would be removed', () => world.rollOut([anAddressSpace(), anAddress(), aMap('n', {})])],
    [
      'an object was changed by hand',
      () => world.edit(refOf(anAddress()), { spec: { plan: 'another-queue' } }),
    ],
    ['a ConfigMap was', () => world.edit(refOf(aMap('m', {})), { data: { a: '2' } })],
    [
      'an object was made anew',
      async () => {
        const { metadata } = (await world.get(refOf(aMap('m', {})))) ?? aMap('m', {});
        await world.memory.store.delete(refOf(aMap('m', {})));
        const { labels } = metadata;
        await world.add({ ...aMap('m', {}), metadata: { namespace: 'team', name: 'm', labels } });
      },
    ],
  ])('asks again when meanwhile %s', async (_, change) => {
    const rollout = await emptied();
    const { summary } = await ask(rollout);
    await world.confirm(rollout, summary.digest);
    await change();
    await world.settled();
    expect((await ask(rollout)).summary.digest).not.toBe(summary.digest);
  });

  it('asks for the same when it plans again and nothing has changed, also after a status did', async () => {
    const rollout = await emptied();
    const { summary } = await ask(rollout);
    await world.memory.store.patchStatus({ ref: refOf(anAddress()), status: { phase: 'Active' } });
    expect((await ask(rollout)).summary.digest).toBe(summary.digest);
  });

  it.each<[string, object, string]>([
    ['by count', { maxRemovals: 0 }, 'spec.guard.maxRemovals is 0'],
    ['by percent', { maxRemovalPercent: 10 }, 'spec.guard.maxRemovalPercent is 10'],
  ])('has limits of its source, too: %s', async (_, guard, text) => {
    await world.edit(refOf(aGitSource()), { spec: { guard } });
    expect((await ask(await emptied([anAddressSpace(), anAddress()]))).message).toContain(text);
  });

  it('goes on by itself where the source allows it to', async () => {
    await world.edit(refOf(aGitSource()), { spec: { guard: { maxRemovalPercent: 100 } } });
    expect(await plan(await emptied())).toMatchObject({ kind: 'planned', summary: { remove: 3 } });
  });

  it('begins nothing while its source is suspended, though it was confirmed', async () => {
    const rollout = await emptied();
    await world.confirm(rollout, (await ask(rollout)).summary.digest);
    await world.edit(refOf(aGitSource()), { spec: { suspend: true } });
    expect((await ask(rollout)).message).toContain('While spec.suspend is set it waits');
  });

  it('needs not be confirmed again for an attempt that nobody asked for, but for one that somebody did', async () => {
    const rollout = await emptied();
    const { summary } = await ask(rollout);
    await world.confirm(rollout, summary.digest);
    await recordRollout(world.ports(), rollout, { phase: 'RolledBack', steps: [] });
    const again = async (cause: string, attempt: number): Promise<PlanOutcome> => {
      const next = await world.attempt(world.head ?? '', attempt);
      const annotations = { [causeAnnotation]: JSON.stringify({ cause, follows: rollout.name }) };
      const ref = { apiVersion: 'samband.dev/v1alpha1', kind: 'Rollout', ...next };
      await world.edit(ref, { metadata: { annotations } });
      await checkoutCommit(world.ports(), next, aRun());
      return plan(next);
    };
    expect(await again('later', 2)).toMatchObject({ kind: 'planned' });
    expect(await again('retry', 3)).toMatchObject({ kind: 'unconfirmed' });
  });
});
