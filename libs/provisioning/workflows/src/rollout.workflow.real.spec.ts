import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import {
  queries,
  rolloutWorkflowId,
  signals,
  sourceWorkflowId,
  taskQueues,
  workflowTypes,
  type TimelineEntry,
} from '@samband/contract';
import { eventually } from '@samband/testing';
import { startEngine, type Engine } from './temporal.spec-helper.js';
import { World } from './world.spec-helper.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(async () => {
  await engine.stop();
});

async function start(superseded = false): Promise<WorkflowHandle> {
  const name = `shop-${randomUUID()}`;
  return engine.client.workflow.start(workflowTypes.rollout, {
    workflowId: rolloutWorkflowId('team', name),
    taskQueue: taskQueues.control,
    args: [{ namespace: 'team', name }, superseded],
  });
}

async function run(world: World, superseded = false): Promise<void> {
  await engine.with(world, async () => {
    await (await start(superseded)).result();
  });
}

function stuckOnTheWayBack(code = 'KUBERNETES_FORBIDDEN'): World {
  const world = new World();
  world.fail('awaitReady', 'OBJECT_STALLED', 'never', 1);
  world.fail('restoreRollout', code, 'never', 1);
  return world;
}

async function startUntilStuck(world: World): Promise<WorkflowHandle> {
  const handle = await start();
  await eventually(() => world.phases.at(-1) === 'Failed', { timeoutMs: 20_000 });
  return handle;
}

describe('a rollout', () => {
  it('goes through its steps in order and succeeds', async () => {
    const world = new World();
    await run(world);
    expect(world.steps).toEqual([
      'checkoutCommit',
      'planRollout',
      'applyRollout',
      'awaitReady',
      'probeSpace',
      'commitRollout',
      'pruneRollout',
    ]);
    expect(world.phases).toEqual(['Pending', 'Planned', 'Applying', 'Verifying', 'Succeeded']);
    expect(world.last?.steps.map(({ name, phase }) => `${name} ${phase}`)).toEqual(
      ['checkout', 'plan', 'apply', 'wait', 'probe', 'commit', 'prune'].map((name) => `${name} Succeeded`),
    );
  });

  it('waits on a queue of its own, so that many that wait hold up none that works', async () => {
    const world = new World();
    world.fail('probeSpace', 'BROKER_REFUSED', 'never');
    await engine.with(world, async () => {
      const handle = await start();
      await handle.result();
      const { events } = await handle.fetchHistory();
      const queues = new Map(
        (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
          scheduled == null ? [] : [[scheduled.activityType?.name, scheduled.taskQueue?.name] as const],
        ),
      );
      expect(queues.get('awaitReady')).toBe(taskQueues.waits);
      expect(queues.get('awaitRestored')).toBe(taskQueues.waits);
      expect(queues.get('applyRollout')).toBe(taskQueues.control);
    });
  });

  it('applies nothing when its plan is refused', async () => {
    const world = new World();
    world.refuse = true;
    await run(world);
    expect(world.phases.at(-1)).toBe('Refused');
    expect(world.steps).not.toContain('applyRollout');
    expect(world.last?.failure).toEqual({ code: 'INVALID', message: '2 problems', retry: 'never' });
  });

  it.each(['applyRollout', 'awaitReady', 'probeSpace', 'commitRollout'])(
    'takes everything back when %s fails',
    async (step) => {
      const world = new World();
      world.fail(step, 'BROKER_REFUSED', 'never');
      await run(world);
      expect(world.phases.slice(-2)).toEqual(['RollingBack', 'RolledBack']);
      expect(world.steps.slice(-2)).toEqual(['restoreRollout', 'awaitRestored']);
      expect(world.steps).not.toContain('pruneRollout');
      expect(world.last?.failure?.code).toBe('BROKER_REFUSED');
    },
  );

  it('goes on from where its object says it stands, without planning again', async () => {
    const world = new World();
    world.present({ phase: 'Applying' });
    await run(world);
    expect(world.steps).toEqual([
      'applyRollout',
      'awaitReady',
      'probeSpace',
      'commitRollout',
      'pruneRollout',
    ]);
    expect(world.phases.at(-1)).toBe('Succeeded');
  });

  it('goes only forward after the commit point', async () => {
    const world = new World();
    world.present({ phase: 'Verifying', committed: true });
    await run(world);
    expect(world.steps).toEqual(['pruneRollout']);
    expect(world.phases.at(-1)).toBe('Succeeded');
  });

  it('stops where its way back is stuck, and goes on when told to retry', async () => {
    const world = stuckOnTheWayBack();
    await engine.with(world, async () => {
      const handle = await startUntilStuck(world);
      expect(world.last?.steps.at(-1)).toMatchObject({ name: 'restore', phase: 'Failed' });
      world.requests = { retry: 'now' };
      await handle.signal(signals.dirty);
      await handle.result();
    });
    expect(world.phases.at(-1)).toBe('RolledBack');
    expect(world.last?.steps.at(-2)).toMatchObject({ name: 'restore', phase: 'Succeeded', attempt: 2 });
  });

  it.each([
    ['has decided', { requests: { retry: 'now', overtakenBy: 'shop-2' } }],
    ['begins just then', { requests: { retry: 'now' }, overtakenBy: 'shop-2' }],
  ])('does nothing when told to retry and a newer one %s', async (_, told) => {
    const world = stuckOnTheWayBack();
    await engine.with(world, async () => {
      const handle = await startUntilStuck(world);
      Object.assign(world, told);
      await handle.signal(signals.dirty);
      await eventually(() => world.last?.failure?.code === 'ROLLOUT_OVERTAKEN', { timeoutMs: 20_000 });
      await handle.terminate();
    });
    expect(world.steps.filter((name) => name === 'restoreRollout')).toHaveLength(1);
    expect(world.last).toMatchObject({ phase: 'Failed', handled: { retry: 'now' } });
  });

  it('leaves a retry that comes while it applies to its source, unless it gets stuck', async () => {
    const apply = async (world: World): Promise<void> => {
      let release: () => void = () => undefined;
      world.held.set('applyRollout', new Promise((resolve) => (release = resolve)));
      await engine.with(world, async () => {
        const handle = await start();
        await eventually(() => world.calls.includes('applyRollout'), { timeoutMs: 20_000 });
        world.requests = { retry: 'now' };
        await handle.signal(signals.dirty);
        await eventually(() => world.calls.includes('readRequests'), { timeoutMs: 20_000 });
        release();
        await handle.result();
      });
    };
    const finished = new World();
    await apply(finished);
    expect(finished.last).toMatchObject({ phase: 'Succeeded', handled: {} });
    const stuck = stuckOnTheWayBack();
    await apply(stuck);
    expect(stuck.last).toMatchObject({ phase: 'RolledBack', handled: { retry: 'now' } });
  });

  it('ends when its object is gone, wherever it stands', async () => {
    const world = stuckOnTheWayBack('NOT_FOUND');
    await engine.with(world, async () => {
      const handle = await startUntilStuck(world);
      world.requests = { isGone: true };
      await handle.signal(signals.dirty);
      await handle.result();
    });
    const other = new World();
    other.isGone = true;
    await run(other);
    expect(other.steps).toEqual([]);
  });

  it('is cancelled while it waits, and everything is taken back', async () => {
    const world = new World();
    world.held.set('awaitReady', new Promise(() => undefined));
    await engine.with(world, async () => {
      const handle = await start();
      await eventually(() => world.calls.includes('awaitReady'), { timeoutMs: 20_000 });
      world.requests = { cancel: 'stop' };
      await handle.signal(signals.dirty);
      await handle.result();
    });
    expect(world.phases.slice(-2)).toEqual(['RollingBack', 'Cancelled']);
    expect(world.steps.slice(-2)).toEqual(['restoreRollout', 'awaitRestored']);
    expect(world.last?.handled).toEqual({ cancel: 'stop' });
  });

  it('is superseded before it begins, and does nothing', async () => {
    const world = new World();
    await run(world, true);
    expect(world.steps).toEqual([]);
    expect(world.phases).toEqual(['Superseded']);
  });

  const awaiting = async (world: World, handle: WorkflowHandle, digest: string): Promise<void> => {
    await eventually(() => world.last?.awaits === `confirm ${digest}`, { timeoutMs: 20_000 });
    // It rests: nothing runs and nothing is due.
    await eventually(async () => (await handle.describe()).raw.pendingActivities?.length === 0, {
      timeoutMs: 20_000,
    });
  };

  it('plans again when it is confirmed, asks again when that is another plan, and then applies', async () => {
    const world = new World();
    world.asks.push('one', 'two');
    await engine.with(world, async () => {
      const handle = await start();
      await awaiting(world, handle, 'one');
      expect(world.last?.phase).toBe('AwaitingConfirmation');
      world.requests = { confirm: 'one' };
      await handle.signal(signals.dirty);
      await awaiting(world, handle, 'two');
      expect(world.steps).toEqual(['checkoutCommit', 'planRollout', 'planRollout']);
      world.requests = { confirm: 'two' };
      await handle.signal(signals.dirty);
      await handle.result();
    });
    expect(world.phases).toEqual([
      'Pending',
      'AwaitingConfirmation',
      'Planned',
      'Applying',
      'Verifying',
      'Succeeded',
    ]);
    expect(world.last?.handled).toEqual({ confirm: 'two' });
  });

  it('says what becomes of messages before it asks, and in the step that plans', async () => {
    const world = new World();
    world.atRisk = 'removes AddressSpace team/app: 5 messages will be parked for 24h';
    world.asks.push('one');
    await engine.with(world, async () => {
      const handle = await start();
      await eventually(() => world.last?.awaits === `${world.atRisk ?? ''}. confirm one`, {
        timeoutMs: 20_000,
      });
      world.requests = { confirm: 'one' };
      await handle.signal(signals.dirty);
      await handle.result();
    });
    expect(world.last?.steps.find(({ name }) => name === 'plan')?.message).toContain(
      '5 messages will be parked',
    );
  });

  it('goes on where messages cannot be counted, and says so', async () => {
    const world = new World();
    world.atRisk = 'never said';
    world.fail('countAtRisk', 'BROKER_UNAVAILABLE', 'later');
    await run(world);
    expect(world.phases.at(-1)).toBe('Succeeded');
    expect(world.last?.steps.find(({ name }) => name === 'plan')?.message).toContain('could not be counted');
  });

  it('hears a confirmation that came before it asked', async () => {
    const world = new World();
    world.asks.push('one');
    world.requests = { confirm: 'one' };
    await run(world);
    expect(world.phases.at(-1)).toBe('Succeeded');
  });

  it('goes on awaiting where its object says so, without fetching the commit again', async () => {
    const world = new World();
    world.present({ phase: 'AwaitingConfirmation', awaits: 'confirm zero' });
    await run(world);
    expect(world.steps.slice(0, 2)).toEqual(['planRollout', 'applyRollout']);
  });

  it.each<[string, (world: World, handle: WorkflowHandle) => Promise<void>, string]>([
    ['is superseded at once by a newer head', (_, handle) => handle.signal(signals.supersede), 'Superseded'],
    [
      'is cancelled',
      (world, handle) => {
        world.requests = { cancel: 'stop' };
        return handle.signal(signals.dirty);
      },
      'Cancelled',
    ],
  ])('while it awaits confirmation %s, and nothing was applied', async (_, end, phase) => {
    const world = new World();
    world.asks.push('one');
    await engine.with(world, async () => {
      const handle = await start();
      await awaiting(world, handle, 'one');
      await end(world, handle);
      await handle.result();
    });
    expect(world.phases.at(-1)).toBe(phase);
    expect(world.steps).toEqual(['checkoutCommit', 'planRollout']);
  });

  it.each([
    ['checks out', 'checkoutCommit', ['Pending', 'Superseded']],
    ['plans', 'planRollout', ['Pending', 'Superseded']],
    ['applies', 'applyRollout', ['Pending', 'Planned', 'Applying', 'RollingBack', 'Superseded']],
    ['waits', 'awaitReady', ['Pending', 'Planned', 'Applying', 'Verifying', 'RollingBack', 'Superseded']],
    ['probes', 'probeSpace', ['Pending', 'Planned', 'Applying', 'Verifying', 'RollingBack', 'Superseded']],
  ])('makes room for a newer one while it %s, by the way back', async (_, step, phases) => {
    const world = new World();
    world.held.set(step, new Promise(() => undefined));
    await engine.with(world, async () => {
      const handle = await start();
      await eventually(() => world.calls.includes(step), { timeoutMs: 20_000 });
      await handle.signal(signals.supersede);
      await handle.result();
    });
    expect(world.phases).toEqual(phases);
    expect(world.settledOnly).toEqual(phases.includes('RollingBack') ? [true] : []);
    expect(world.steps).not.toContain('commitRollout');
  });

  it('waits for nothing to become ready again once a newer one has come, and keeps why it went back', async () => {
    const world = new World();
    world.fail('awaitReady', 'WAIT_TIMEOUT', 'later');
    world.held.set('awaitRestored', new Promise(() => undefined));
    await engine.with(world, async () => {
      const handle = await start();
      await eventually(() => world.calls.includes('awaitRestored'), { timeoutMs: 20_000 });
      world.held.clear();
      await handle.signal(signals.supersede);
      await handle.result();
    });
    expect(world.settledOnly).toEqual([false, true]);
    expect(world.last).toMatchObject({ phase: 'Superseded', failure: { code: 'WAIT_TIMEOUT' } });
  });

  it('takes back what it had applied when it is started just to make room', async () => {
    const world = new World();
    world.present({ phase: 'Verifying' });
    await run(world, true);
    expect(world.steps).toEqual(['restoreRollout', 'awaitRestored']);
    expect(world.phases.at(-1)).toBe('Superseded');
  });

  it('does not hear a newer one past its commit point', async () => {
    const world = new World();
    let release: () => void = () => undefined;
    world.held.set('pruneRollout', new Promise((resolve) => (release = resolve)));
    await engine.with(world, async () => {
      const handle = await start();
      await eventually(() => world.calls.includes('pruneRollout'), { timeoutMs: 20_000 });
      await handle.signal(signals.supersede);
      release();
      await handle.result();
    });
    expect(world.phases.at(-1)).toBe('Succeeded');
  });

  it('tells its source when it is stuck, and when it goes on', async () => {
    const world = stuckOnTheWayBack();
    const name = `source-${randomUUID()}`;
    world.present({ source: name });
    const look = { kind: 'present', supersede: [], nextCheckSeconds: 300, summary: '' } as const;
    world.sourceAssessments = [look, look, look, look];
    const looks = (): number => world.lookReasons.length;
    await engine.with(world, async () => {
      const source = await engine.client.workflow.start(workflowTypes.source, {
        workflowId: sourceWorkflowId('team', name),
        taskQueue: taskQueues.control,
        args: [{ namespace: 'team', name }],
      });
      await eventually(() => looks() === 1, { timeoutMs: 20_000 });
      const handle = await startUntilStuck(world);
      await eventually(() => looks() === 2, { timeoutMs: 20_000 });
      world.held.set('restoreRollout', new Promise(() => undefined));
      world.requests = { retry: 'now' };
      await handle.signal(signals.dirty);
      await eventually(() => looks() === 3, { timeoutMs: 20_000 });
      await handle.terminate();
      await source.terminate();
    });
  });

  it('tells its timeline', async () => {
    const world = new World();
    await engine.with(world, async () => {
      const handle = await start();
      await handle.result();
      const timeline = await handle.query<TimelineEntry[]>(queries.timeline);
      expect(timeline.map(({ step, outcome }) => `${step} ${outcome}`).slice(0, 4)).toEqual([
        'checkout started',
        'checkout succeeded',
        'plan started',
        'plan succeeded',
      ]);
    });
  });
});
