import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowHandle } from '@temporalio/client';
import {
  addressSpaceWorkflowId,
  rolloutWorkflowId,
  signals,
  sourceWorkflowId,
  taskQueues,
  workflowTypes,
} from '@samband/contract';
import { eventually } from '@samband/testing';
import { isResting, wake } from './history.spec-helper.js';
import { historiesFolder } from './recorded.spec-helper.js';
import { startEngine, testHost, type Engine } from './temporal.spec-helper.js';
import { World } from './world.spec-helper.js';

/**
 * With a name here the courses below are written into `histories/`, where `replay.spec.ts` finds them: once for each
 * release, and whenever a workflow got a new course (then the name is the patch's). What was recorded before stays.
 */
const recording = process.env['SAMBAND_RECORD_HISTORIES'];

const repository = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(async () => {
  await engine.stop();
});

type Kind = 'rollout' | 'source' | 'addressSpace';
const ids = { rollout: rolloutWorkflowId, source: sourceWorkflowId, addressSpace: addressSpaceWorkflowId };

function start(kind: Kind, course: string, ...args: unknown[]): Promise<WorkflowHandle> {
  const ref = { namespace: 'team', name: course };
  return engine.client.workflow.start(workflowTypes[kind], {
    workflowId: ids[kind](ref.namespace, ref.name),
    taskQueue: taskQueues.control,
    args: [ref, ...args],
  });
}

async function keep(course: string, handle: WorkflowHandle): Promise<void> {
  const history = await handle.fetchHistory();
  expect(history.events?.length).toBeGreaterThan(3);
  if (recording === undefined) return;
  await mkdir(historiesFolder, { recursive: true });
  const recorded = { workflowId: handle.workflowId, history: JSON.parse(historyToJSON(history)) as unknown };
  // Where this machine keeps its files is nobody's business, and nothing of a replay.
  const text = JSON.stringify(recorded).replaceAll(repository, '');
  await writeFile(`${historiesFolder}${course}.${recording}.json`, `${text}\n`, { flag: 'wx' });
}

async function rolloutCourse(
  course: string,
  arrange: (world: World) => void,
  meanwhile: (world: World, handle: WorkflowHandle) => Promise<void> = () => Promise.resolve(),
): Promise<World> {
  const world = new World();
  arrange(world);
  await engine.with(world, async () => {
    const handle = await start('rollout', course);
    await meanwhile(world, handle);
    await handle.result();
    await keep(course, handle);
  });
  return world;
}

function stuckOnTheWayBack(world: World): void {
  world.fail('awaitReady', 'OBJECT_STALLED', 'never', 1);
  world.fail('restoreRollout', 'KUBERNETES_FORBIDDEN', 'never', 1);
}

describe('the courses that are recorded', () => {
  it('of a rollout: it succeeds', async () => {
    const world = await rolloutCourse('rollout-succeeded', () => undefined);
    expect(world.phases.at(-1)).toBe('Succeeded');
  });

  it('of a rollout: it is refused', async () => {
    const world = await rolloutCourse('rollout-refused', (made) => {
      made.refuse = true;
    });
    expect(world.phases.at(-1)).toBe('Refused');
  });

  it('of a rollout: it goes back', async () => {
    const world = await rolloutCourse('rollout-rolled-back', (made) => {
      made.fail('awaitReady', 'OBJECT_STALLED', 'never');
    });
    expect(world.phases.at(-1)).toBe('RolledBack');
  });

  it('of a rollout: it is stuck on its way back, and resumed', async () => {
    const world = await rolloutCourse('rollout-stuck', stuckOnTheWayBack, async (made, handle) => {
      await eventually(() => made.phases.at(-1) === 'Failed', { timeoutMs: 20_000 });
      made.requests = { retry: 'now' };
      await handle.signal(signals.dirty);
    });
    expect(world.phases.at(-1)).toBe('RolledBack');
  });

  it('of a rollout: it is stuck, and was told to retry before', async () => {
    let release: () => void = () => undefined;
    const world = await rolloutCourse(
      'rollout-retried-early',
      (made) => {
        made.held.set('applyRollout', new Promise((resolve) => (release = resolve)));
        stuckOnTheWayBack(made);
      },
      async (made, handle) => {
        await eventually(() => made.calls.includes('applyRollout'), { timeoutMs: 20_000 });
        made.requests = { retry: 'now' };
        await handle.signal(signals.dirty);
        await eventually(() => made.calls.includes('readRequests'), { timeoutMs: 20_000 });
        release();
      },
    );
    expect(world.phases.at(-1)).toBe('RolledBack');
  });

  it('of a rollout: it is stuck, and a newer one begins as it is told to retry', async () => {
    const world = await rolloutCourse('rollout-overtaken', stuckOnTheWayBack, async (made, handle) => {
      await eventually(() => made.phases.at(-1) === 'Failed', { timeoutMs: 20_000 });
      made.requests = { retry: 'now' };
      made.overtakenBy = 'rollout-newer';
      await handle.signal(signals.dirty);
      await eventually(() => made.last?.failure?.code === 'ROLLOUT_OVERTAKEN', { timeoutMs: 20_000 });
      made.requests = { isGone: true };
      await handle.signal(signals.dirty);
    });
    expect(world.last?.failure?.code).toBe('ROLLOUT_OVERTAKEN');
  });

  it('of a rollout: it is cancelled while it waits', async () => {
    const world = await rolloutCourse(
      'rollout-cancelled',
      (made) => {
        made.held.set('awaitReady', new Promise(() => undefined));
      },
      async (made, handle) => {
        await eventually(() => made.calls.includes('awaitReady'), { timeoutMs: 20_000 });
        made.requests = { cancel: 'stop' };
        await handle.signal(signals.dirty);
      },
    );
    expect(world.phases.at(-1)).toBe('Cancelled');
  });

  it.each([
    ['while it waits', 'rollout-overtaken-waiting', 'awaitReady'],
    ['on its way back', 'rollout-overtaken-back', 'awaitRestored'],
  ])('of a rollout: a newer one takes over %s', async (_, course, step) => {
    const world = await rolloutCourse(
      course,
      (made) => {
        made.held.set(step, new Promise(() => undefined));
        if (step === 'awaitRestored') made.fail('awaitReady', 'OBJECT_STALLED', 'never');
      },
      async (made, handle) => {
        await eventually(() => made.calls.includes(step), { timeoutMs: 20_000 });
        made.held.clear();
        await handle.signal(signals.supersede);
      },
    );
    expect(world.phases.at(-1)).toBe('Superseded');
  });

  it('of a rollout: it is asked about twice, and confirmed', async () => {
    const world = await rolloutCourse(
      'rollout-confirmed',
      (made) => {
        made.asks.push('one', 'two');
      },
      async (made, handle) => {
        for (const digest of ['one', 'two']) {
          await eventually(() => made.last?.awaits === `confirm ${digest}`, { timeoutMs: 20_000 });
          made.requests = { confirm: digest };
          await handle.signal(signals.dirty);
        }
      },
    );
    expect(world.phases.at(-1)).toBe('Succeeded');
  });

  it('of a space: it works, and is removed', async () => {
    const world = new World();
    world.spaceAssessments = [
      { kind: 'provision', hostId: testHost },
      { kind: 'terminating', hostId: testHost },
    ];
    await engine.with(world, async () => {
      const handle = await start('addressSpace', 'space-removed');
      await wake(handle);
      await handle.result();
      await keep('space-removed', handle);
    });
    expect(world.steps).toContain('releaseSpace');
  });

  it('of a space: it is removed, parked, and destroyed when its time is over', async () => {
    const world = new World();
    world.spaceAssessments = [
      { kind: 'terminating', hostId: testHost },
      { kind: 'parked', destroyAt: new Date(Date.now() + 600_000).toISOString() },
      { kind: 'expired', hostId: testHost },
    ];
    await engine.with(world, async () => {
      const handle = await start('addressSpace', 'space-parked');
      await wake(handle);
      await handle.result();
      await keep('space-parked', handle);
    });
    expect(world.steps).toContain('forgetParked');
  });

  it('of a space: a step fails, and is tried again', async () => {
    const world = new World();
    world.spaceAssessments = [
      { kind: 'provision', hostId: testHost },
      { kind: 'provision', hostId: testHost },
    ];
    world.fail('syncUsers', 'BROKER_REFUSED', 'never', 1);
    await engine.with(world, async () => {
      const handle = await start('addressSpace', 'space-failed');
      await wake(handle);
      await wake(handle, 2);
      await handle.result();
      await keep('space-failed', handle);
    });
    expect(world.reports.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(['failed', 'ready']));
  });

  it('of a space: users lose something while a step goes on', async () => {
    const world = new World();
    world.spaceAssessments = [
      { kind: 'provision', hostId: testHost },
      { kind: 'provision', hostId: testHost },
    ];
    let release: () => void = () => undefined;
    world.held.set('syncAddresses', new Promise((resolve) => (release = resolve)));
    await engine.with(world, async () => {
      const handle = await start('addressSpace', 'space-revoked');
      await eventually(() => world.calls.includes('syncAddresses'), { timeoutMs: 20_000 });
      await handle.signal(signals.dirty);
      await eventually(() => world.revocations.length > 1, { timeoutMs: 20_000 });
      world.held.delete('syncAddresses');
      release();
      await wake(handle);
      await handle.result();
      await keep('space-revoked', handle);
    });
    expect(world.reports.at(-1)).toMatchObject({ outcome: 'ready' });
  });

  it('of a space: it is blocked', async () => {
    const world = new World();
    world.spaceAssessments = [
      {
        kind: 'blocked',
        failure: { code: 'UnknownPlan', message: 'no such plan', retry: 'never' },
        hostId: testHost,
      },
    ];
    await engine.with(world, async () => {
      const handle = await start('addressSpace', 'space-blocked');
      await wake(handle);
      await handle.result();
      await keep('space-blocked', handle);
    });
    expect(world.reports).toHaveLength(1);
  });

  it('of a source: a newer head takes over, and runs', async () => {
    const world = new World();
    world.present({ source: 'source-head' });
    const look = { kind: 'present', nextCheckSeconds: 300 } as const;
    world.sourceAssessments = [
      { ...look, supersede: ['source-head-a'], start: 'source-head-b', summary: 'head: source-head-b' },
      { ...look, supersede: [], summary: '' },
    ];
    await engine.with(world, async () => {
      const handle = await start('source', 'source-head');
      // A rollout that ends tells its source: how many of these fall into one look depends on who is quicker.
      await eventually(
        async () => {
          if (await isResting(handle)) await handle.signal(signals.dirty);
          return (await handle.describe()).status.name === 'COMPLETED';
        },
        { timeoutMs: 20_000 },
      );
      await keep('source-head', handle);
    });
    expect(world.calls.filter((name) => name === 'loadRollout').length).toBeGreaterThanOrEqual(2);
  });
});
