import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import {
  addressSpaceWorkflowId,
  queries,
  signals,
  taskQueues,
  workflowTypes,
  type SpaceAssessment,
  type TimelineEntry,
} from '@samband/contract';
import { eventually } from '@samband/testing';
import { timersOf, wake } from './history.spec-helper.js';
import { startEngine, testHost, type Engine } from './temporal.spec-helper.js';
import { World } from './world.spec-helper.js';

const provision = { kind: 'provision', hostId: testHost } as const satisfies SpaceAssessment;
const pipeline = ['provisionBroker', 'syncUsers', 'syncAddresses', 'probeSpace', 'exportSpace'];

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(async () => {
  await engine.stop();
});

function aWorld(...assessments: SpaceAssessment[]): World {
  const world = new World();
  world.spaceAssessments = assessments;
  return world;
}

async function start(): Promise<WorkflowHandle> {
  const name = `app-${randomUUID()}`;
  return engine.client.workflow.start(workflowTypes.addressSpace, {
    workflowId: addressSpaceWorkflowId('team', name),
    taskQueue: taskQueues.control,
    args: [{ namespace: 'team', name }],
  });
}

/** Runs until the space is gone; when it has gone to rest so often, it is told to look again. */
async function attend(world: World, rests = 0): Promise<WorkflowHandle> {
  return engine.with(world, async () => {
    const handle = await start();
    if (rests > 0) await wake(handle, rests);
    await handle.result();
    return handle;
  });
}

describe('an address space', () => {
  it('goes through its steps in order, says that it works, and rests', async () => {
    const world = aWorld(provision);
    const handle = await attend(world, 1);
    expect(world.steps).toEqual(['assessSpace', ...pipeline, 'assessSpace']);
    expect(world.reports).toEqual([
      { outcome: 'progressing', step: 'broker' },
      { outcome: 'ready', counts: expect.objectContaining({ total: 2, ready: 2, retry: false }) },
    ]);
    expect(await timersOf(handle)).toEqual([300]);
  });

  it.each(pipeline)('ends a run at %s when that fails, and says where', async (step) => {
    const world = aWorld(provision);
    world.fail(step, 'BROKER_REFUSED', 'never');
    const handle = await attend(world, 1);
    expect(world.steps.slice(1, -1)).toEqual(pipeline.slice(0, pipeline.indexOf(step) + 1));
    expect(world.reports.at(-1)).toMatchObject({
      outcome: 'failed',
      failure: { code: 'BROKER_REFUSED', message: `${step} failed`, retry: 'never' },
    });
    // Nothing can change by itself: it waits for a signal.
    expect(await timersOf(handle)).toEqual([300]);
  });

  it('looks again after growing pauses while something may come by itself', async () => {
    const world = aWorld(provision, provision, provision);
    world.counts = { retry: true };
    const handle = await attend(world, 3);
    expect(await timersOf(handle)).toEqual([1, 2, 4]);
  });

  it('looks again when the first parked queue may go', async () => {
    const world = aWorld(provision);
    world.counts = { parked: 1, nextParkingEnd: new Date(Date.now() - 1_000).toISOString() };
    const handle = await attend(world);
    // As long as it is past, so that a worker whose clock is behind does not look all the time.
    const [pause] = await timersOf(handle);
    expect(pause).toBeLessThan(60);
  });

  it('looks again at once while something changed as it worked', async () => {
    const world = aWorld(provision, provision, provision);
    world.changedMeanwhile.push(false, true, true);
    const handle = await attend(world, 1);
    expect(world.calls.filter((name) => name === 'syncAddresses')).toHaveLength(3);
    expect(await timersOf(handle)).toEqual([300]);
  });

  it('says what keeps it from being provisioned, and touches nothing', async () => {
    const failure = { code: 'UnknownPlan', message: 'no such plan', retry: 'never' } as const;
    const world = aWorld({ kind: 'blocked', failure });
    await attend(world, 1);
    expect(world.steps).toEqual(['assessSpace', 'assessSpace']);
    expect(world.reports).toEqual([{ outcome: 'failed', step: 'assess', failure }]);
  });

  it('takes away what users lost while nothing can be given, and tells those that wait why', async () => {
    const failure = { code: 'UnknownPlan', message: 'no such plan', retry: 'never' } as const;
    const world = aWorld({ kind: 'blocked', failure, hostId: testHost });
    await attend(world, 1);
    expect(world.steps).toEqual(['assessSpace', 'assessSpace']);
    expect(world.revocations).toEqual([failure]);
  });

  it('says that it is blocked also where nothing can be taken away at the moment', async () => {
    const failure = { code: 'UnknownPlan', message: 'no such plan', retry: 'never' } as const;
    const world = aWorld({ kind: 'blocked', failure, hostId: testHost });
    world.fail('revokeUsers', 'BROKER_UNAVAILABLE', 'never');
    await attend(world, 1);
    expect(world.reports).toEqual([{ outcome: 'failed', step: 'assess', failure }]);
  });

  it.each(['provisionBroker', 'syncAddresses', 'probeSpace', 'exportSpace'])(
    'takes away what users lose meanwhile without waiting for the end of %s',
    async (step) => {
      const world = aWorld(provision, provision);
      let release: () => void = () => undefined;
      world.held.set(step, new Promise((resolve) => (release = resolve)));
      await engine.with(world, async () => {
        const handle = await start();
        await eventually(() => world.calls.includes(step), { timeoutMs: 20_000 });
        const before = world.revocations.length;
        expect(before).toBe(1);
        await handle.signal(signals.dirty);
        await eventually(() => world.revocations.length > before, { timeoutMs: 20_000 });
        world.held.delete(step);
        release();
        await wake(handle);
        await handle.result();
      });
    },
  );

  it('tells users that wait for something why they do not get it', async () => {
    const world = aWorld(provision);
    world.fail('provisionBroker', 'CERTIFICATE_INVALID', 'never');
    await attend(world, 1);
    expect(world.revocations).toEqual([
      undefined,
      { code: 'CERTIFICATE_INVALID', message: 'provisionBroker failed', retry: 'never' },
    ]);
  });

  it('says what came of a run as of the generation that it worked on', async () => {
    const run = { uid: 'u', generation: 7, facts: 'f' };
    const world = aWorld({ ...provision, run });
    await attend(world, 1);
    expect(world.runs).toEqual([run, run]);
  });

  it('begins again at once when a step finds another state, says nothing of it, and then with pauses', async () => {
    const world = aWorld(provision, provision, provision, provision);
    world.fail('syncAddresses', 'SPACE_CHANGED', 'later', 3);
    const handle = await attend(world, 3);
    expect(world.reports.map(({ outcome }) => outcome)).toEqual(['progressing', 'ready']);
    expect(await timersOf(handle)).toEqual([1, 2, 300]);
  });

  it.each(['EXPORT_FORBIDDEN', 'EXPORT_NOT_OURS', 'MEMORY_EXHAUSTED'])(
    'says %s after the first attempt, and looks again later',
    async (code) => {
      const world = aWorld(provision);
      world.fail('exportSpace', code, 'later');
      const handle = await attend(world, 1);
      expect(world.calls.filter((name) => name === 'exportSpace')).toHaveLength(1);
      expect(world.reports.at(-1)).toMatchObject({ outcome: 'failed', failure: { code, retry: 'later' } });
      expect(await timersOf(handle)).toEqual([1]);
    },
  );

  it('that is blocked and changed as it was looked at is looked at again at once', async () => {
    const failure = { code: 'UnknownPlan', message: 'no such plan', retry: 'never' } as const;
    const world = aWorld({ kind: 'blocked', failure }, { kind: 'blocked', failure });
    world.changedMeanwhile.push(true);
    const handle = await attend(world, 1);
    expect(world.reports).toHaveLength(2);
    expect(await timersOf(handle)).toEqual([300]);
  });

  it('that is removed retires its broker, then lets the object go', async () => {
    const world = aWorld({ kind: 'terminating', hostId: testHost });
    await attend(world);
    expect(world.steps).toEqual(['assessSpace', 'retireBroker', 'releaseSpace', 'assessSpace']);
  });

  it('that never had a broker is let go without one', async () => {
    const world = aWorld({ kind: 'terminating' });
    await attend(world);
    expect(world.steps).toEqual(['assessSpace', 'releaseSpace', 'assessSpace']);
  });

  it('that is parked waits for its time to be over, then destroys what was kept and forgets it', async () => {
    const destroyAt = new Date(Date.now() + 600_000).toISOString();
    const world = aWorld(
      { kind: 'terminating', hostId: testHost },
      { kind: 'parked', destroyAt },
      { kind: 'expired', hostId: testHost },
    );
    const handle = await attend(world, 1);
    expect(world.steps).toEqual([
      'assessSpace',
      'retireBroker',
      'releaseSpace',
      'assessSpace',
      'assessSpace',
      'removeBroker',
      'forgetParked',
      'assessSpace',
    ]);
    expect(await timersOf(handle)).toEqual([300]);
  });

  it('that comes back while it is parked is brought up', async () => {
    const world = aWorld(
      { kind: 'parked', destroyAt: new Date(Date.now() + 600_000).toISOString() },
      provision,
    );
    await engine.with(world, async () => {
      const handle = await start();
      await wake(handle);
      await wake(handle, 2);
      await handle.result();
    });
    expect(world.steps).toEqual(['assessSpace', 'assessSpace', ...pipeline, 'assessSpace']);
  });

  it('tries again to destroy what was kept while its host is away', async () => {
    const expired: SpaceAssessment = { kind: 'expired', hostId: testHost };
    const world = aWorld(expired, expired);
    world.fail('removeBroker', 'BROKER_UNAVAILABLE', 'never', 1);
    const handle = await attend(world);
    expect(world.steps).toEqual([
      'assessSpace',
      'removeBroker',
      'assessSpace',
      'removeBroker',
      'forgetParked',
      'assessSpace',
    ]);
    expect(await timersOf(handle)).toEqual([1]);
  });

  it('keeps the object while its broker cannot be removed, says so, and tries again', async () => {
    const going: SpaceAssessment = { kind: 'terminating', hostId: testHost };
    const world = aWorld(going, going);
    world.fail('retireBroker', 'CONFLICT', 'never', 1);
    const handle = await attend(world);
    expect(world.steps).toEqual([
      'assessSpace',
      'retireBroker',
      'assessSpace',
      'retireBroker',
      'releaseSpace',
      'assessSpace',
    ]);
    expect(world.reports).toMatchObject([
      { outcome: 'failed', step: 'remove', failure: { code: 'CONFLICT' } },
    ]);
    expect(await timersOf(handle)).toEqual([1]);
  });

  it('outlives a status that can never be written', async () => {
    const world = aWorld(provision, provision);
    world.fail('publishSpace', 'KUBERNETES_INVALID', 'never', 1);
    await attend(world, 2);
    expect(world.reports.at(-1)).toMatchObject({ outcome: 'ready' });
  });

  it('brings a space up that was made again while it looked at the old one', async () => {
    const world = aWorld({ kind: 'absent' }, provision);
    let release: () => void = () => undefined;
    world.held.set('assessSpace', new Promise((resolve) => (release = resolve)));
    await engine.with(world, async () => {
      const handle = await start();
      await eventually(() => world.calls.includes('assessSpace'), { timeoutMs: 20_000 });
      await handle.signal(signals.dirty);
      release();
      await wake(handle);
      await handle.result();
    });
    expect(world.reports.at(-1)).toMatchObject({ outcome: 'ready' });
  });

  it('tells its timeline', async () => {
    const world = aWorld(provision);
    await engine.with(world, async () => {
      const handle = await start();
      await wake(handle);
      await handle.result();
      const timeline = await handle.query<TimelineEntry[]>(queries.timeline);
      expect(timeline.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
        'broker succeeded',
        'users succeeded',
        'addresses succeeded',
        'ready succeeded',
        'end succeeded',
      ]);
    });
  });
});
