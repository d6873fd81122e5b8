import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import {
  addressSpaceWorkflowId,
  queries,
  signals,
  sourceWorkflowId,
  taskQueues,
  workflowTypes,
  type TimelineEntry,
} from '@samband/contract';
import { eventually } from '@samband/testing';
import { isResting, timersOf } from './history.spec-helper.js';
import { startEngine, testHost, type Engine } from './temporal.spec-helper.js';
import { World } from './world.spec-helper.js';

/** The server asks for a new run this early; the workflows' own limit of events is for servers that never ask. */
const dynamicConfig = { 'limit.historyCount.suggestContinueAsNew': 60 };

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine({ dynamicConfig });
});
afterAll(async () => {
  await engine.stop();
});

/** Wakes the workflow from each rest until it ends. @returns the ids of the runs that rested */
async function attend(world: World, handle: WorkflowHandle): Promise<string[]> {
  const runs = new Set<string>();
  const looks = (): number => world.calls.filter((name) => name.startsWith('assess')).length;
  for (;;) {
    const run = await eventually(() => restingRun(handle), { timeoutMs: 20_000 });
    if (run === 'ended') return [...runs];
    runs.add(run);
    const before = looks();
    await handle.signal(signals.dirty);
    await eventually(() => looks() > before, { timeoutMs: 20_000 });
  }
}

async function restingRun(handle: WorkflowHandle): Promise<string | undefined> {
  const { status, runId } = await handle.describe();
  if (status.name === 'COMPLETED') return 'ended';
  return (await isResting(handle)) ? runId : undefined;
}

async function timeline(handle: WorkflowHandle): Promise<TimelineEntry[]> {
  return handle.query<TimelineEntry[]>(queries.timeline);
}

describe('a workflow that goes on in a new run', () => {
  it('of a space keeps its timeline, its growing pauses, and what it has announced', async () => {
    const world = new World();
    world.spaceAssessments = Array.from({ length: 4 }, () => ({ kind: 'provision', hostId: testHost }));
    world.counts = { retry: true };
    await engine.with(world, async () => {
      const workflowId = addressSpaceWorkflowId('team', 'long-lived');
      await engine.client.workflow.start(workflowTypes.addressSpace, {
        workflowId,
        taskQueue: taskQueues.control,
        args: [{ namespace: 'team', name: 'long-lived' }],
      });
      const handle = engine.client.workflow.getHandle(workflowId);
      const runs = await attend(world, handle);
      expect(runs.length).toBeGreaterThan(1);
      expect((await timeline(handle)).filter(({ step }) => step === 'ready')).toHaveLength(4);
      const pauses = await Promise.all(
        runs.map((runId) => timersOf(engine.client.workflow.getHandle(workflowId, runId))),
      );
      // Each look that is not the last word doubles the pause; a run that ends goes on without one.
      const all = pauses.flat();
      expect(all).toEqual([...all].sort((a, b) => a - b));
      expect(all[0]).toBe(1);
      expect(pauses.at(-1)?.[0]).toBeGreaterThan(pauses[0]?.at(-1) ?? Infinity);
    });
    expect(world.reports.filter(({ outcome }) => outcome === 'progressing')).toHaveLength(1);
  });

  it('of a source keeps its timeline', async () => {
    const world = new World();
    const look = { kind: 'present', supersede: [], nextCheckSeconds: 300 } as const;
    world.sourceAssessments = Array.from({ length: 8 }, (_, index) => ({
      ...look,
      summary: `look ${index}`,
    }));
    await engine.with(world, async () => {
      const workflowId = sourceWorkflowId('team', 'steady');
      await engine.client.workflow.start(workflowTypes.source, {
        workflowId,
        taskQueue: taskQueues.control,
        args: [{ namespace: 'team', name: 'steady' }],
      });
      const handle = engine.client.workflow.getHandle(workflowId);
      const runs = await attend(world, handle);
      expect(runs.length).toBeGreaterThan(1);
      expect((await timeline(handle)).map(({ step, message }) => message ?? step)).toEqual([
        ...Array.from({ length: 8 }, (_, index) => `look ${index}`),
        'end',
      ]);
    });
  });
});
