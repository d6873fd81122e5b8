import {
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { TypedSearchAttributes, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { rolloutWorkflowId, taskQueues, type EntityRef, type TimelineEntry } from '@samband/contract';
import { attributeKeys } from './search-attributes.js';
import { failureOf } from './failure.js';
import { dirtySignal, supersedeSignal, timelineQuery } from './messages.js';
import { sourceActivities } from './proxies.js';
import { rolloutWorkflow } from './rollout.workflow.js';
import { Timeline } from './timeline.js';

interface Carried {
  readonly timeline: readonly TimelineEntry[];
}

const eventsPerRun = 1_500;
/** After a look that failed, or while a rollout of a source that goes is still at work. */
const retrySeconds = 30;

/**
 * Follows one GitSource: looks at the head of its branch when told to and at each interval, and sees to it that
 * one rollout at a time runs, the newest. Lives as long as the object does.
 */
export async function sourceWorkflow(source: EntityRef, carried?: Carried): Promise<void> {
  let dirty = false;
  const isDirty = (): boolean => dirty;
  const timeline = new Timeline(carried?.timeline);
  setHandler(dirtySignal, () => {
    dirty = true;
  });
  setHandler(timelineQuery, () => timeline.entries);

  for (;;) {
    dirty = false;
    const seconds = await look(source, timeline);
    if (seconds === 'end') {
      // Created again while this run was looking.
      if (isDirty()) continue;
      return;
    }
    if (workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > eventsPerRun) {
      await continueAsNew<typeof sourceWorkflow>(source, { timeline: timeline.entries });
    }
    await condition(() => dirty, seconds * 1000);
  }
}

async function look(source: EntityRef, timeline: Timeline): Promise<number | 'end'> {
  try {
    const assessment = await sourceActivities.assessSource(source);
    switch (assessment.kind) {
      case 'absent':
        timeline.add('end', 'succeeded');
        return 'end';
      case 'terminating':
        // A rollout that has begun finishes first; it tells this workflow when it has.
        if (assessment.running) return retrySeconds;
        timeline.add('release', 'started');
        await sourceActivities.releaseSource(source);
        timeline.add('release', 'succeeded');
        return 1;
      case 'present':
        if (assessment.summary !== '') timeline.add('look', 'succeeded', assessment.summary);
        for (const name of assessment.supersede)
          await supersede({ namespace: source.namespace, name }, source.name);
        if (assessment.start !== undefined) {
          timeline.add('rollout', 'started', assessment.start);
          await start({ namespace: source.namespace, name: assessment.start }, source.name, false);
        }
        return assessment.nextCheckSeconds;
    }
  } catch (error) {
    if (isCancellation(error)) throw error;
    const failure = failureOf(error);
    timeline.add('look', 'failed', failure.message);
    return retrySeconds;
  }
}

/** A rollout that runs is told; one that was never started is started just to write down its fate. */
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
    // Already running (the controller started it after Temporal lost its memory): that is what was wanted.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
