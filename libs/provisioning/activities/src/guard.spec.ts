import { describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import { refOf } from '@samband/resources';
import { guardPorts, guardSession } from './guard.js';
import type { Ports } from './ports.js';
import { aMap } from './rollout/rollout.spec-helper.js';
import { ensureSpaceInfra } from './space/infra-secret.js';
import { space, SpaceWorld } from './space/space.spec-helper.js';
import { aRun, World } from './world.spec-helper.js';

describe('a write that is on its way', () => {
  const map = aMap('m', {});
  const writes: Record<string, (store: Ports['store']) => Promise<unknown>> = {
    create: (store) => store.create(map),
    replace: (store) => store.replace(map),
    apply: (store) => store.apply(map, { fieldManager: 'a' }),
    patch: (store) => store.patch(refOf(map), {}),
    delete: (store) => store.delete(refOf(map)),
    applyMany: (store) => store.applyMany([map], { fieldManager: 'a' }),
    deleteMany: (store) => store.deleteMany([refOf(map)]),
    patchStatusMany: (store) => store.patchStatusMany([{ ref: refOf(map), status: {} }]),
  };

  it.each(Object.keys(writes))('by %s is not tried again once its attempt was given up', async (name) => {
    for (const [reason, isStopped] of [
      ['TIMED_OUT', true],
      ['CANCELLED', false],
    ] as const) {
      const ports = new World().ports();
      const seen: AbortSignal[] = [];
      const record = (...args: { signal?: AbortSignal }[]): Promise<unknown> => {
        seen.push(...args.flatMap((given) => given.signal ?? []));
        return Promise.resolve();
      };
      const store = { ...ports.store, [name]: record };
      const controller = new AbortController();
      const guarded = guardPorts({ ...ports, store }, aRun(controller.signal));
      await writes[name]?.(guarded.store);
      expect(seen.map(({ aborted }) => aborted)).toEqual([false]);
      controller.abort(new CancelledFailure(reason));
      expect(seen.map(({ aborted }) => aborted)).toEqual([isStopped]);
    }
  });
});

describe('what is asked of a broker', () => {
  it('does not arrive once its attempt was given up, while others go on', async () => {
    const world = await new SpaceWorld().withSpace();
    const worker = world.worker();
    await worker.bringUp();
    const session = await worker.sessions.open(world.id, await ensureSpaceInfra(worker.ports, space));
    const signal = AbortSignal.abort(new CancelledFailure('TIMED_OUT'));
    const given = guardSession(session, { ...aRun(signal), isDisowned: () => true });
    const asked = world.broker.calls.length;
    await expect(given.management.forgetLogins()).rejects.toThrow('TIMED_OUT');
    await expect(given.management.setPermissions([])).rejects.toThrow('TIMED_OUT');
    expect(world.broker.calls).toHaveLength(asked);
    given.isDoubted = true;
    expect(session.isDoubted).toBe(true);
    await session.management.forgetLogins();
    expect(world.broker.calls).toHaveLength(asked + 1);
  });
});
