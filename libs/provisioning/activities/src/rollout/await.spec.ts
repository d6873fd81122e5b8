import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { EntityRef } from '@samband/contract';
import { refOf, type Rollout } from '@samband/resources';
import { aMessagingUser, anAddress, anAddressSpace } from '@samband/testing';
import { aRun, countWrites } from '../world.spec-helper.js';
import { applyRollout } from './apply.js';
import { awaitReady, readiness } from './await.js';
import { recordRollout } from './load.js';
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

  /** As the workflow keeps account of it. */
  const at = (rollout: EntityRef, phase: 'Running' | 'Cancelled'): Promise<unknown> =>
    recordRollout(world.ports(), rollout, {
      phase: 'Verifying',
      steps: [{ name: 'wait', phase, attempt: 1, startedAt: '2026-01-01T00:00:00Z' }],
    });

  async function saidOf({ namespace, name }: EntityRef): Promise<string | undefined> {
    const rollout = await world.get({ apiVersion: 'samband.dev/v1alpha1', kind: 'Rollout', namespace, name });
    return (rollout as Rollout | undefined)?.status?.steps?.at(-1)?.message;
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

  it('of an attempt that was given up reports nothing: the rollout is at another step', async () => {
    world.stalled.add('Address app.orders');
    const rollout = await applied([anAddressSpace(), anAddress()]);
    await at(rollout, 'Cancelled');
    await expect(awaitReady(world.ports(), rollout, aRun())).rejects.toMatchObject({
      code: 'OBJECT_STALLED',
    });
    expect(await world.problemsOf(rollout)).toEqual([]);
  });

  describe('for what an object lacks', () => {
    beforeEach(() => {
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'Date'] });
    });
    afterEach(() => {
      jest.useRealTimers();
    });

    /** Its failure, once there is one. */
    async function waiting(rollout: EntityRef, ports = world.ports()): Promise<{ failure?: unknown }> {
      const seen: { failure?: unknown } = {};
      void awaitReady(ports, rollout, aRun()).catch((error: unknown) => {
        seen.failure = error;
      });
      await world.settled();
      return seen;
    }

    async function pass(seconds: number): Promise<void> {
      await jest.advanceTimersByTimeAsync(seconds * 1_000);
      await world.settled();
    }

    it.each([
      ['MessagingUser app.bob', 'UnknownSecret'],
      ['AddressSpace app', 'MemoryExhausted'],
      ['AddressSpace app', 'ExportForbidden'],
      ['AddressSpace app', 'UnknownPlan'],
    ])('%s, %s, ends within seconds: nothing in the commit brings it', async (object, reason) => {
      world.waitSeconds = 300;
      world.lacking.set(object, reason);
      const rollout = await applied([anAddressSpace(), anAddress(), aMessagingUser()]);
      await at(rollout, 'Running');
      const seen = await waiting(rollout);
      await pass(1);
      expect(seen.failure).toBeUndefined();
      expect(world.events).toContainEqual(expect.stringContaining(`Warning ${reason}`));
      expect(await saidOf(rollout)).toContain('it lacks something');
      await pass(4);
      expect(seen.failure).toMatchObject({
        code: 'DEPENDENCY_MISSING',
        message: expect.stringContaining('it lacks something'),
      });
      expect(await world.problemsOf(rollout)).toMatchObject([{ code: 'DEPENDENCY_MISSING' }]);
    });

    it('goes on for half a minute while the commit brings what may mend it', async () => {
      world.waitSeconds = 300;
      world.lacking.set('MessagingUser app.bob', 'UnknownSecret');
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'team', name: 'late' } };
      const rollout = await applied([anAddressSpace(), aMessagingUser(), secret]);
      const seen = await waiting(rollout);
      await pass(25);
      expect(seen.failure).toBeUndefined();
      await pass(10);
      expect(seen.failure).toMatchObject({ code: 'DEPENDENCY_MISSING' });
    });

    it('goes on until its deadline while the commit brings what may make it', async () => {
      world.waitSeconds = 300;
      world.lacking.set('MessagingUser app.bob', 'UnknownSecret');
      const maker = { apiVersion: 'batch/v1', kind: 'Job', metadata: { namespace: 'team', name: 'maker' } };
      const rollout = await applied([anAddressSpace(), aMessagingUser(), maker]);
      const seen = await waiting(rollout);
      await pass(290);
      expect(seen.failure).toBeUndefined();
      await pass(15);
      expect(seen.failure).toMatchObject({ code: 'WAIT_TIMEOUT' });
    });

    it('says what it waits for, object by object, and at a bounded rate', async () => {
      world.waitSeconds = 300;
      world.lacking.set('AddressSpace app', 'BrokerUnavailable');
      const rollout = await applied([anAddressSpace(), anAddress(), aMessagingUser()]);
      await at(rollout, 'Running');
      const counted = countWrites(world.ports());
      await waiting(rollout, counted.ports);
      await pass(2);
      expect(await saidOf(rollout)).toBe(
        '2 of 3 ready; waits for AddressSpace team/app: it lacks something: BrokerUnavailable',
      );
      for (let change = 0; change < 40; change += 1) {
        world.lacking.set('AddressSpace app', `BrokerUnavailable${change}`);
        await world.memory.store.patchStatus({
          ref: refOf(anAddressSpace()),
          status: { phase: `${change}` },
        });
        await pass(0.1);
      }
      expect(counted.statuses).toBeGreaterThan(1);
      expect(counted.statuses).toBeLessThanOrEqual(4);
    });
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
      'not judged by itself when what it says lies in another object',
      object(2, [{ ...ready, status: 'False', reason: 'UnknownDeadletter' }, stalled]),
      'elsewhere',
    ],
    ['pending while work goes on', object(2, [{ ...ready, status: 'False', message: 'soon' }]), 'pending'],
  ])('is %s', (_, live, kind) => {
    expect(readiness(live, version)).toMatchObject({ kind });
  });
});
