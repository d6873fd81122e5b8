import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EntityRef } from '@samband/contract';
import { anAddress, anAddressSpace } from '@samband/testing';
import { aRun } from '../world.spec-helper.js';
import { applyRollout } from './apply.js';
import { awaitReady, readiness } from './await.js';
import { RolloutWorld } from './rollout.spec-helper.js';

describe('waiting for what was applied', () => {
  let world: RolloutWorld;
  beforeEach(async () => {
    world = await new RolloutWorld().withPlans();
  });

  async function applied(objects: readonly object[]): Promise<EntityRef> {
    const rollout = await world.commit(objects);
    await world.prepare(rollout);
    await applyRollout(world.ports(), rollout, aRun());
    return rollout;
  }

  /** Applied, but the watch does not tell of it. */
  async function unseen(): Promise<EntityRef> {
    const rollout = await world.commit([anAddressSpace()]);
    await world.prepare(rollout);
    world.memory.view.pause();
    await applyRollout(world.ports(), rollout, aRun());
    return rollout;
  }

  it('ends when everything is ready at the generation that was written', async () => {
    const rollout = await applied([anAddressSpace(), anAddress()]);
    await expect(awaitReady(world.ports(), rollout, aRun())).resolves.toEqual({ ready: 2 });
  });

  it('ends at once when an object is stalled, with its place and its reason', async () => {
    world.stalled.add('Address app.orders');
    const rollout = await applied([anAddressSpace(), anAddress()]);
    await expect(awaitReady(world.ports(), rollout, aRun())).rejects.toMatchObject({
      code: 'OBJECT_STALLED',
      message: 'Address team/app.orders: the broker refused it',
    });
    expect(await world.problemsOf(rollout)).toMatchObject([
      { file: '1.json', line: 1, code: 'OBJECT_STALLED', resource: 'Address team/app.orders' },
    ]);
  });

  it('ends at its deadline, which counts from when it was first asked for', async () => {
    const rollout = await unseen();
    const elapsedMs = (): number => 1_000 * world.waitSeconds;
    await expect(awaitReady(world.ports(), rollout, { ...aRun(), elapsedMs })).rejects.toMatchObject({
      code: 'WAIT_TIMEOUT',
      message: expect.stringContaining('AddressSpace team/app: is not there'),
    });
    expect(await world.problemsOf(rollout)).toMatchObject([{ code: 'WAIT_TIMEOUT' }]);
  });

  it('ends when it is told to, without a word in the status', async () => {
    const rollout = await unseen();
    const controller = new AbortController();
    const waiting = awaitReady(world.ports(), rollout, aRun(controller.signal));
    await world.settled();
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(await world.problemsOf(rollout)).toEqual([]);
  });
});

describe('an object', () => {
  const version = { uid: 'u', generation: 2, resourceVersion: '1' };
  const object = (observedGeneration: number, conditions: object[]): Parameters<typeof readiness>[0] => ({
    ...anAddress({ metadata: { generation: 2, uid: 'u' } }),
    status: { observedGeneration, conditions },
  });
  const ready = { type: 'Ready', status: 'True', message: '' };
  const stalled = { type: 'Stalled', status: 'True', reason: 'BrokerConflict', message: 'why' };

  it.each([
    ['pending while it is not there', undefined, 'pending'],
    ['pending while nobody looked at the generation that was written', object(1, [ready]), 'pending'],
    ['not failed by an older judgement', object(1, [stalled]), 'pending'],
    ['done when it is Ready', object(2, [ready]), 'done'],
    ['done at a generation that somebody else wrote later', object(3, [ready]), 'done'],
    ['failed when it is Stalled', object(2, [{ ...ready, status: 'False' }, stalled]), 'failed'],
    [
      'doubted when it is Stalled for what its space may not have heard of yet',
      object(2, [{ ...stalled, reason: 'UnknownDeadletter' }]),
      'doubted',
    ],
    ['pending while work goes on', object(2, [{ ...ready, status: 'False', message: 'soon' }]), 'pending'],
  ])('is %s', (_, live, kind) => {
    expect(readiness(live, version)).toMatchObject({ kind });
  });
});
