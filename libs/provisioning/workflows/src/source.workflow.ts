import {
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  patched,
  setHandler,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { TypedSearchAttributes, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  rolloutWorkflowId,
  taskQueues,
  type EntityRef,
  type LookReason,
  type TimelineEntry,
} from '@samband/contract';
import { attributeKeys } from './search-attributes.js';
import { failureOf } from './failure.js';
import { dirtySignal, lookSignal, supersedeSignal, timelineQuery } from './messages.js';
import { patches } from './patches.js';
import { sourceActivities } from './proxies.js';
import { rolloutWorkflow } from './rollout.workflow.js';
import { Timeline } from './timeline.js';

interface Carried {
  readonly timeline: readonly TimelineEntry[];
  /** Why the next look is due. */
  readonly reason?: LookReason;
}

const eventsPerRun = 1_500;
/** After a look that failed, or while a rollout of a source that goes is still at work. */
const retrySeconds = 30;
/** After a look that was asked for and found nothing new; each further one in a row takes twice as long. */
const firstPauseMs = 250;
const longestPauseMs = 4_000;

/**
 * Follows one GitSource: looks at the head of its branch when told to and at each interval, and sees to it that
 * one rollout at a time runs, the newest. Lives as long as the object does.
 */
export async function sourceWorkflow(source: EntityRef, carried?: Carried): Promise<void> {
  let dirty = false;
  const isDirty = (): boolean => dirty;
  let reason: LookReason = carried?.reason ?? 'blind';
  const isAsked = (): boolean => reason === 'asked';
  const timeline = new Timeline(carried?.timeline);
  setHandler(dirtySignal, () => {
    dirty = true;
  });
  setHandler(lookSignal, () => {
    dirty = true;
    reason = 'asked';
  });
  setHandler(timelineQuery, () => timeline.entries);

  let pause = 0;
  for (;;) {
    dirty = false;
    const current = reason;
    reason = 'woken';
    const next = await look(source, current, timeline);
    if (next === 'end') {
      // Created again while this run was looking.
      if (isDirty()) continue;
      return;
    }
    if (next.isOwed && !isAsked()) reason = 'blind';
    if (workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > eventsPerRun) {
      await continueAsNew<typeof sourceWorkflow>(source, { timeline: timeline.entries, reason });
    }
    pause = next.isInVain ? Math.min(longestPauseMs, Math.max(firstPauseMs, pause * 2)) : 0;
    if (pause > 0) await sleep(pause);
    await condition(() => dirty, next.seconds * 1000);
  }
}

interface NextLook {
  /** Until it is due, when nothing happens before. */
  readonly seconds: number;
  readonly isInVain: boolean;
  /** The repository was to be asked, and did not answer. */
  readonly isOwed: boolean;
}

async function look(source: EntityRef, reason: LookReason, timeline: Timeline): Promise<NextLook | 'end'> {
  try {
    const assessment = await sourceActivities.assessSource(source, reason);
    switch (assessment.kind) {
      case 'absent':
        timeline.add('end', 'succeeded');
        return 'end';
      case 'terminating':
        await supersedeAll(assessment.supersede ?? [], source);
        // A rollout that has begun finishes first; it tells this workflow when it has.
        if (assessment.running) return after(retrySeconds);
        timeline.add('release', 'started');
        await sourceActivities.releaseSource(source);
        timeline.add('release', 'succeeded');
        return after(1);
      case 'present':
        if (assessment.summary !== '') timeline.add('look', 'succeeded', assessment.summary);
        await supersedeAll(assessment.supersede, source);
        if (assessment.start !== undefined) {
          timeline.add('rollout', 'started', assessment.start);
          await start({ namespace: source.namespace, name: assessment.start }, source.name, false);
        }
        return after(assessment.nextCheckSeconds, assessment);
    }
  } catch (error) {
    if (isCancellation(error)) throw error;
    const failure = failureOf(error);
    timeline.add('look', 'failed', failure.message);
    return after(retrySeconds, { isOwed: true });
  }
}

function after(seconds: number, { isInVain = false, isOwed = false }: Partial<NextLook> = {}): NextLook {
  return { seconds, isInVain, isOwed };
}

async function supersedeAll(
  rollouts: readonly string[],
  { namespace, name: source }: EntityRef,
): Promise<void> {
  for (const name of rollouts) await supersede({ namespace, name }, source);
}

/** A rollout that runs is told; one that does not is started just to go back and write down its fate. */
async function supersede(rollout: EntityRef, source: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(rolloutWorkflowId(rollout.namespace, rollout.name)).signal(
      supersedeSignal,
    );
  } catch (error) {
    if (isCancellation(error)) throw error;
    await start(rollout, source, true);
  }
}

async function start(rollout: EntityRef, source: string, superseded: boolean): Promise<void> {
  try {
    await startChild(rolloutWorkflow, {
      workflowId: rolloutWorkflowId(rollout.namespace, rollout.name),
      args: [rollout, superseded],
      taskQueue: taskQueues.control,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      typedSearchAttributes: new TypedSearchAttributes([
        { key: attributeKeys.namespace, value: rollout.namespace },
        { key: attributeKeys.source, value: source },
        { key: attributeKeys.phase, value: 'Pending' },
      ]),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    // That is what was wanted, unless it is still at work for an object that had this name before.
    if (patched(patches.reminds)) await remind(rollout);
  }
}

async function remind(rollout: EntityRef): Promise<void> {
  try {
    await getExternalWorkflowHandle(rolloutWorkflowId(rollout.namespace, rollout.name)).signal(dirtySignal);
  } catch (error) {
    // It has ended since, and has told this source so.
    if (isCancellation(error)) throw error;
  }
}
