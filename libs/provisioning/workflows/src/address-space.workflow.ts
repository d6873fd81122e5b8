import {
  condition,
  continueAsNew,
  isCancellation,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { EntityRef, SpaceReport, TimelineEntry } from '@samband/contract';
import { failureOf } from './failure.js';
import { dirtySignal, timelineQuery } from './messages.js';
import { patches } from './patches.js';
import { hostActivities, spaceRecords } from './proxies.js';
import { Timeline } from './timeline.js';

interface State {
  /** Looks in a row that were not the last word; the pause grows with them. */
  failures: number;
  /** That work goes on was said once; a space that works goes on working while it is looked at. */
  announced: boolean;
}

/** Everything that outlives one run of the history; a run that starts with it ends in the same state. */
interface Carried extends Readonly<State> {
  readonly timeline: readonly TimelineEntry[];
}

/** Without any signal a space is looked at this often. */
const idleSeconds = 300;
const eventsPerRun = 1_500;

/**
 * The one writer of an address space: looks, provisions, and publishes what came of it, each time something
 * that concerns the space changed. Lives as long as the object does.
 */
export async function addressSpaceWorkflow(space: EntityRef, carried?: Carried): Promise<void> {
  let dirty = false;
  const isDirty = (): boolean => dirty;
  const timeline = new Timeline(carried?.timeline);
  const state: State = { failures: carried?.failures ?? 0, announced: carried?.announced ?? false };
  setHandler(dirtySignal, () => {
    dirty = true;
  });
  setHandler(timelineQuery, () => timeline.entries);

  for (;;) {
    dirty = false;
    const next = await attend(space, state, timeline);
    if (next === 'end') {
      // Created again while this run was looking: it is this workflow's to bring up.
      if (isDirty()) continue;
      timeline.add('end', 'succeeded');
      return;
    }
    if (workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > eventsPerRun)
      await continueAsNew<typeof addressSpaceWorkflow>(space, { timeline: timeline.entries, ...state });
    if (next > 0) await condition(isDirty, next * 1000);
  }
}

/** One look and what follows from it. @returns seconds until the next, unless a signal comes */
async function attend(space: EntityRef, state: State, timeline: Timeline): Promise<number | 'end'> {
  try {
    const assessment = await spaceRecords.assessSpace(space);
    switch (assessment.kind) {
      case 'absent':
        return 'end';
      case 'terminating':
        return await remove(space, assessment.hostId, state, timeline);
      case 'parked':
        state.failures = 0;
        return Math.min(idleSeconds, secondsUntil(assessment.destroyAt));
      case 'expired':
        return await destroyParked(space, assessment.hostId, state, timeline);
      case 'blocked':
        timeline.add('assess', 'failed', assessment.failure.message);
        await spaceRecords.publishSpace(space, {
          outcome: 'failed',
          step: 'assess',
          failure: assessment.failure,
        });
        return assessment.failure.retry === 'never' ? idleSeconds : backoffSeconds(state.failures++);
      case 'provision':
        return await bringUp(space, assessment.hostId, state, timeline);
    }
  } catch (error) {
    if (isCancellation(error)) throw error;
    // What is written down could not be, for good: a space without a workflow would be worse.
    timeline.add('look', 'failed', failureOf(error).message);
    return backoffSeconds(state.failures++);
  }
}

async function remove(
  space: EntityRef,
  hostId: string | undefined,
  state: State,
  timeline: Timeline,
): Promise<number> {
  timeline.add('remove', 'started');
  try {
    if (hostId !== undefined) {
      const host = hostActivities(hostId);
      await (patched(patches.parkedSpace) ? host.retireBroker(space) : host.removeBroker(space));
    }
    await spaceRecords.releaseSpace(space);
    timeline.add('remove', 'succeeded');
    state.failures = 0;
    return 0;
  } catch (error) {
    if (isCancellation(error)) throw error;
    const failure = failureOf(error);
    timeline.add('remove', 'failed', failure.message);
    await spaceRecords.publishSpace(space, { outcome: 'failed', step: 'remove', failure });
    return backoffSeconds(state.failures++);
  }
}

/** The time of what was kept is over, its team let it go, or its namespace is gone. */
async function destroyParked(
  space: EntityRef,
  hostId: string,
  state: State,
  timeline: Timeline,
): Promise<number> {
  try {
    await hostActivities(hostId).removeBroker(space);
    await spaceRecords.forgetParked(space);
    timeline.add('destroy-parked', 'succeeded');
    return 0;
  } catch (error) {
    if (isCancellation(error)) throw error;
    timeline.add('destroy-parked', 'failed', failureOf(error).message);
    return backoffSeconds(state.failures++);
  }
}

async function bringUp(space: EntityRef, hostId: string, state: State, timeline: Timeline): Promise<number> {
  if (!state.announced) await spaceRecords.publishSpace(space, { outcome: 'progressing', step: 'broker' });
  state.announced = true;
  const report = await provision(space, hostId, timeline);
  const { changedMeanwhile } = await spaceRecords.publishSpace(space, report);
  if (changedMeanwhile) return 0;
  if (report.outcome !== 'ready') {
    const isHopeless = report.outcome === 'failed' && report.failure.retry === 'never';
    return isHopeless ? idleSeconds : backoffSeconds(state.failures++);
  }
  if (!report.counts.retry) state.failures = 0;
  const seconds = report.counts.retry ? backoffSeconds(state.failures++) : idleSeconds;
  return Math.min(seconds, secondsUntil(report.counts.nextParkingEnd));
}

/** The steps in their order; the first that fails ends the run, and what was done before it stays. */
async function provision(space: EntityRef, hostId: string, timeline: Timeline): Promise<SpaceReport> {
  const host = hostActivities(hostId);
  let step = 'broker';
  try {
    const broker = await host.provisionBroker(space);
    if (broker.restarted) timeline.add(step, 'succeeded', `incarnation ${broker.incarnation}`);
    step = 'addresses';
    const addresses = await host.syncAddresses(space);
    if (addresses.changed + addresses.removed > 0) {
      timeline.add(
        step,
        'succeeded',
        `${addresses.changed} ensured, ${addresses.removed} removed, ${addresses.parked} parked`,
      );
    }
    step = 'users';
    const users = await host.syncUsers(space);
    if (users.changed > 0) timeline.add(step, 'succeeded', `${users.changed} changed`);
    step = 'probe';
    await host.probeSpace(space);
    step = 'exports';
    await host.exportSpace(space);
    timeline.add(
      'ready',
      'succeeded',
      `${addresses.ready} of ${addresses.total} addresses, ${users.ready} of ${users.total} users`,
    );
    return { outcome: 'ready', counts: { ...addresses, retry: addresses.retry || users.retry } };
  } catch (error) {
    if (isCancellation(error)) throw error;
    const failure = failureOf(error);
    timeline.add(step, 'failed', failure.message);
    return { outcome: 'failed', step, failure };
  }
}

function backoffSeconds(failures: number): number {
  return Math.min(60, 2 ** Math.min(failures, 6));
}

function secondsUntil(end: string | undefined): number {
  if (end === undefined) return idleSeconds;
  // Past already: the worker's clock is behind. By how much is not known, so the pauses grow.
  return Math.max(1, Math.ceil(Math.abs(Date.parse(end) - Date.now()) / 1000));
}
