import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { RolloutRecord } from '@samband/contract';
import { SambandError } from '@samband/errors';
import { aGitSource, aRollout } from '@samband/testing';
import { createControlActivities } from './create-activities.js';
import type { Ports } from './ports.js';
import { DriftWatch } from './source/drift-watch.js';
import { SpaceRevisions } from './space/revisions.js';
import { World } from './world.spec-helper.js';

const ref = { namespace: 'team', name: aRollout().metadata.name };

/** Without a limit it is 0, as the engine has it. */
const quiet = (heartbeatTimeoutMs = 0): MockActivityEnvironment =>
  new MockActivityEnvironment(
    { startToCloseTimeoutMs: 1_200_000, heartbeatTimeoutMs },
    { logger: new DefaultLogger('ERROR') },
  );
const planned: RolloutRecord = { phase: 'Planned', steps: [] };

describe('activities', () => {
  let world: World;
  let ports: Ports;
  beforeEach(async () => {
    world = new World();
    await world.add(aGitSource());
    await world.add(aRollout());
    ports = world.ports();
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  const activities = (given = ports): ReturnType<typeof createControlActivities> =>
    createControlActivities(
      given,
      new SpaceRevisions(given.view, () => undefined),
      new DriftWatch(given.view, () => undefined),
    );
  const storeWith = (replaced: Partial<Ports['store']>): Ports => ({
    ...ports,
    store: new Proxy(ports.store, {
      get: (target, name): unknown => Reflect.get(name in replaced ? replaced : target, name),
    }),
  });

  it.each([
    ['SNAPSHOT_MISSING', true],
    ['KUBERNETES_UNAVAILABLE', false],
  ] as const)(
    'fail with the code %s of the catalogue, and what cannot succeed is not tried again',
    async (code, never) => {
      const error = new SambandError(code, 'why', { facts: { a: 1 } });
      const failing = storeWith({ get: () => Promise.reject(error) });
      const outcome = quiet().run(activities(failing).loadRollout, ref);
      await expect(outcome).rejects.toMatchObject({
        type: code,
        nonRetryable: never,
        message: 'why',
        details: [{ a: 1 }],
      });
      await expect(outcome).rejects.toBeInstanceOf(ApplicationFailure);
    },
  );

  it('beat while they wait for anything at all', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    let answer: (value: undefined) => void = () => undefined;
    const slow = storeWith({ get: () => new Promise((resolve) => (answer = resolve)) });
    const environment = quiet();
    let beats = 0;
    environment.on('heartbeat', () => (beats += 1));
    const outcome = environment.run(activities(slow).loadRollout, ref);
    await jest.advanceTimersByTimeAsync(25_000);
    expect(beats).toBeGreaterThanOrEqual(4);
    answer(undefined);
    await expect(outcome).resolves.toEqual({ kind: 'absent' });
  });

  it('that were given up write nothing more', async () => {
    const environment = quiet();
    const before = world.memory.all();
    let isAsked = false;
    const late = storeWith({
      get: async (of) => {
        const found = await ports.store.get(of);
        isAsked = true;
        environment.cancel('TIMED_OUT');
        return found;
      },
    });
    const outcome = environment.run(activities(late).recordRollout, ref, planned);
    await expect(outcome).rejects.toBeInstanceOf(CancelledFailure);
    expect(isAsked).toBe(true);
    expect(world.memory.all()).toEqual(before);
  });

  it.each([
    ['within their heartbeat', 30_000, 31_000],
    ['altogether', 0, 1_201_000],
  ])('that stood still for longer than they may, %s, write nothing more', async (_, heartbeat, stillMs) => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const before = world.memory.all();
    const frozen = storeWith({
      get: async (of) => {
        const found = await ports.store.get(of);
        // As after SIGCONT: time has passed, and no timer of ours has run meanwhile.
        jest.setSystemTime(Date.now() + stillMs);
        jest.spyOn(performance, 'now').mockReturnValue(performance.now() + stillMs);
        return found;
      },
    });
    const outcome = quiet(heartbeat).run(activities(frozen).recordRollout, ref, planned);
    await expect(outcome).rejects.toMatchObject({ type: 'INTERNAL', nonRetryable: false });
    expect(world.memory.all()).toEqual(before);
  });

  it('that arrive right after the worker stood still are tried again later, and write nothing', async () => {
    const before = world.memory.all();
    const all = activities();
    const later = Math.ceil(performance.now()) + 40_000;
    const clock = jest.spyOn(performance, 'now').mockReturnValue(later);
    // Not by its usual attempts, which would all come too early.
    await expect(quiet().run(all.recordRollout, ref, planned)).rejects.toMatchObject({
      nonRetryable: false,
      nextRetryDelay: 10_000,
    });
    expect(world.memory.all()).toEqual(before);
    for (const seconds of [4, 8, 12]) {
      clock.mockReturnValue(later + seconds * 1_000);
      await quiet()
        .run(all.loadRollout, ref)
        .catch(() => undefined);
    }
    await quiet().run(all.recordRollout, ref, planned);
    expect(world.memory.all()).not.toEqual(before);
  });

  it('that are cancelled may still note what they did', async () => {
    const environment = quiet();
    const cancelled = storeWith({
      get: async (of) => {
        const found = await ports.store.get(of);
        environment.cancel('CANCELLED');
        return found;
      },
    });
    await environment.run(activities(cancelled).recordRollout, ref, planned);
    expect(world.memory.all().find(({ kind }) => kind === 'Rollout')).toMatchObject({
      status: { phase: 'Planned' },
    });
  });
});
