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
  type SourceAssessment,
  type TimelineEntry,
} from '@samband/contract';
import { eventually } from '@samband/testing';
import { ended, timersOf, wake } from './history.spec-helper.js';
import { startEngine, type Engine } from './temporal.spec-helper.js';
import { World } from './world.spec-helper.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(async () => {
  await engine.stop();
});

type Present = Extract<SourceAssessment, { kind: 'present' }>;

const look = (fields: Partial<Present> = {}): Present => ({
  kind: 'present',
  supersede: [],
  nextCheckSeconds: 300,
  summary: '',
  ...fields,
});

interface Source {
  readonly name: string;
  /** Name of one of its rollouts. */
  rollout(letter: string): string;
  start(): Promise<WorkflowHandle>;
}

function aSource(): Source {
  const name = `shop-${randomUUID()}`;
  return {
    name,
    rollout: (letter) => `${name}-${letter}`,
    start: () =>
      engine.client.workflow.start(workflowTypes.source, {
        workflowId: sourceWorkflowId('team', name),
        taskQueue: taskQueues.control,
        args: [{ namespace: 'team', name }],
      }),
  };
}

function rolloutOf(source: Source, letter: string): WorkflowHandle {
  return engine.client.workflow.getHandle(rolloutWorkflowId('team', source.rollout(letter)));
}

/** A world whose rollouts belong to the source: they tell it when they end. */
function aWorld(source: Source, ...assessments: SourceAssessment[]): World {
  const world = new World();
  world.present({ source: source.name });
  world.sourceAssessments = assessments;
  return world;
}

const looked = (world: World, times: number) => (): boolean =>
  world.calls.filter((name) => name === 'assessSource').length >= times;

describe('a source', () => {
  it('starts the rollout that its look decides on, and looks again when that has ended', async () => {
    const source = aSource();
    const world = aWorld(source, look({ start: source.rollout('a'), summary: 'head: a' }));
    await engine.with(world, async () => {
      const handle = await source.start();
      await ended(rolloutOf(source, 'a'));
      await handle.result();
      expect(await timersOf(handle)).toEqual([300]);
      const timeline = await handle.query<TimelineEntry[]>(queries.timeline);
      expect(timeline.map(({ step, message }) => `${step} ${message ?? ''}`)).toEqual([
        'look head: a',
        `rollout ${source.rollout('a')}`,
        'end ',
      ]);
    });
    expect(world.phases.at(-1)).toBe('Succeeded');
    const { typedSearchAttributes } = await rolloutOf(source, 'a').describe();
    expect(typedSearchAttributes.getAll()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ value: source.name }),
        expect.objectContaining({ value: 'team' }),
      ]),
    );
  });

  it('never runs a rollout twice at a time, however often it is told to start it', async () => {
    const source = aSource();
    const again = look({ start: source.rollout('a') });
    const world = aWorld(source, again, again, again);
    let release: () => void = () => undefined;
    world.held.set('checkoutCommit', new Promise((resolve) => (release = resolve)));
    await engine.with(world, async () => {
      const handle = await source.start();
      for (const rests of [1, 2, 3]) await wake(handle, rests);
      await handle.result();
      release();
      await ended(rolloutOf(source, 'a'));
    });
    expect(world.calls.filter((name) => name === 'loadRollout')).toHaveLength(1);
    expect(world.calls.filter((name) => name === 'checkoutCommit')).toHaveLength(1);
  });

  it('tells a rollout that runs of a newer head, and it yields', async () => {
    const source = aSource();
    const world = aWorld(
      source,
      look({ start: source.rollout('a') }),
      look({ supersede: [source.rollout('a')], nextCheckSeconds: 2 }),
    );
    let release: () => void = () => undefined;
    world.held.set('checkoutCommit', new Promise((resolve) => (release = resolve)));
    await engine.with(world, async () => {
      const handle = await source.start();
      await eventually(() => world.calls.includes('checkoutCommit'), { timeoutMs: 20_000 });
      await handle.signal(signals.dirty);
      await eventually(looked(world, 2), { timeoutMs: 20_000 });
      await eventually(
        async () => {
          const { events = [] } = await rolloutOf(source, 'a').fetchHistory();
          return events?.some(
            ({ workflowExecutionSignaledEventAttributes: signal }) =>
              signal?.signalName === signals.supersede,
          );
        },
        { timeoutMs: 20_000 },
      );
      release();
      await ended(rolloutOf(source, 'a'));
      await handle.result();
    });
    expect(world.phases.at(-1)).toBe('Superseded');
    expect(world.steps).not.toContain('applyRollout');
  });

  it('starts a superseded rollout that never ran just to write that down', async () => {
    const source = aSource();
    const world = aWorld(source, look({ supersede: [source.rollout('old')] }));
    await engine.with(world, async () => {
      const handle = await source.start();
      await ended(rolloutOf(source, 'old'));
      await handle.result();
    });
    expect(world.phases).toEqual(['Superseded']);
    expect(world.steps.filter((name) => name !== 'assessSource')).toEqual([]);
  });

  it('waits for its interval, and looks at once when told to', async () => {
    const source = aSource();
    const world = aWorld(source, look({ nextCheckSeconds: 1 }), look({ nextCheckSeconds: 77 }));
    await engine.with(world, async () => {
      const handle = await source.start();
      await wake(handle, 2);
      await handle.result();
      expect(await timersOf(handle)).toEqual([1, 77]);
    });
  });

  it('takes the longer the more often in a row it is asked in vain', async () => {
    const source = aSource();
    const inVain = look({ isInVain: true });
    const world = aWorld(source, inVain, inVain, look(), inVain);
    await engine.with(world, async () => {
      const handle = await source.start();
      for (const rests of [2, 4, 5, 7]) await wake(handle, rests);
      await handle.result();
      expect(await timersOf(handle)).toEqual([0.25, 300, 0.5, 300, 300, 0.25, 300]);
    });
  });

  it('asks the repository for what has begun and who asks, not for who merely wakes it', async () => {
    const source = aSource();
    const world = aWorld(source, look(), look(), look());
    await engine.with(world, async () => {
      const handle = await source.start();
      await wake(handle, 1);
      await wake(handle, 2, signals.look);
      await wake(handle, 3);
      await handle.result();
    });
    expect(world.lookReasons).toEqual(['blind', 'woken', 'asked', 'woken']);
  });

  it('owes a look until the repository has answered', async () => {
    const source = aSource();
    const world = aWorld(source, look(), look({ isOwed: true }), look(), look());
    await engine.with(world, async () => {
      const handle = await source.start();
      await wake(handle, 1, signals.look);
      for (const rests of [2, 3, 4]) await wake(handle, rests);
      await handle.result();
    });
    expect(world.lookReasons).toEqual(['blind', 'asked', 'blind', 'woken', 'woken']);
  });

  it('goes on after a look that failed, and says so', async () => {
    const source = aSource();
    const world = aWorld(source, look());
    world.fail('assessSource', 'KUBERNETES_INVALID', 'never', 1);
    await engine.with(world, async () => {
      const handle = await source.start();
      await wake(handle);
      await handle.result();
      expect((await timersOf(handle))[0]).toBe(30);
      const timeline = await handle.query<TimelineEntry[]>(queries.timeline);
      expect(timeline[0]).toMatchObject({ step: 'look', outcome: 'failed', message: 'assessSource failed' });
    });
  });

  it('that is removed waits for what still runs, then takes its objects with it', async () => {
    const source = aSource();
    const world = aWorld(
      source,
      { kind: 'terminating', running: true },
      { kind: 'terminating', running: false },
    );
    await engine.with(world, async () => {
      const handle = await source.start();
      await wake(handle);
      await handle.result();
    });
    expect(world.calls).toEqual(['assessSource', 'assessSource', 'releaseSource', 'assessSource']);
  });
});
