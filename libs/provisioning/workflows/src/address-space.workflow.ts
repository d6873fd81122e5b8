import {
  condition,
  continueAsNew,
  isCancellation,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { EntityRef, Failure, SpaceAssessment, SpaceReport, TimelineEntry } from '@samband/contract';
import { beside } from './beside.js';
import { failureOf } from './failure.js';
import { dirtySignal, timelineQuery } from './messages.js';
import { patches } from './patches.js';
import { hostActivities, revocation, spaceRecords } from './proxies.js';
import { provision, provisionAddressesFirst } from './provision.js';
import { Timeline } from './timeline.js';

interface State {
  /** Looks in a row that were not the last word; the pause grows with them. */
  failures: number;
  /** That work goes on was said once; a space that works goes on working while it is looked at. */
  announced: boolean;
  /** Runs in a row that found the space changed before they ended. */
  overtaken: number;
}

/** Everything that outlives one run of the history; a run that starts with it ends in the same state. */
interface Carried extends Readonly<Omit<State, 'overtaken'>>, Partial<Pick<State, 'overtaken'>> {
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
  let signals = 0;
  const isDirty = (): boolean => dirty;
  const timeline = new Timeline(carried?.timeline);
  const state: State = {
    failures: carried?.failures ?? 0,
    announced: carried?.announced ?? false,
    overtaken: carried?.overtaken ?? 0,
  };
  const look: Look = { state, timeline, signals: () => signals };
  setHandler(dirtySignal, () => {
    dirty = true;
    signals += 1;
  });
  setHandler(timelineQuery, () => timeline.entries);

  for (;;) {
    dirty = false;
    const next = await attend(space, look);
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

/** What a look goes by besides the space itself. */
interface Look {
  readonly state: State;
  readonly timeline: Timeline;
  /** How many signals there were. */
  readonly signals: () => number;
}

/** One look and what follows from it. @returns seconds until the next, unless a signal comes */
async function attend(space: EntityRef, look: Look): Promise<number | 'end'> {
  const { state, timeline } = look;
  try {
    const assessment = await spaceRecords.assessSpace(space);
    switch (assessment.kind) {
      case 'absent':
        return 'end';
      case 'terminating':
        return await remove(space, assessment.hostId, look);
      case 'parked':
        state.failures = 0;
        return Math.min(idleSeconds, secondsUntil(assessment.destroyAt));
      case 'expired':
        return await destroyParked(space, assessment.hostId, look);
      case 'blocked':
        return await block(space, assessment, look);
      case 'provision':
        return await bringUp(space, assessment, look);
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
  { state, timeline }: Look,
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
    const { changedMeanwhile } = await spaceRecords.publishSpace(space, {
      outcome: 'failed',
      step: 'remove',
      failure,
    });
    const seconds = backoffSeconds(state.failures++);
    return changedMeanwhile && patched(patches.revokedFirst) ? 0 : seconds;
  }
}

/** The time of what was kept is over, its team let it go, or its namespace is gone. */
async function destroyParked(space: EntityRef, hostId: string, { state, timeline }: Look): Promise<number> {
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

/** Nothing is given, and what users have lost is taken from the broker that runs all the same. */
async function block(
  space: EntityRef,
  { failure, hostId, run }: Extract<SpaceAssessment, { kind: 'blocked' }>,
  { state, timeline }: Look,
): Promise<number> {
  timeline.add('assess', 'failed', failure.message);
  const report: SpaceReport = { outcome: 'failed', step: 'assess', failure };
  const isRevoked = patched(patches.revokedFirst);
  const [{ changedMeanwhile }] = await Promise.all([
    spaceRecords.publishSpace(space, report, run),
    isRevoked && hostId !== undefined ? revoke(space, hostId, timeline, failure) : undefined,
  ]);
  if (changedMeanwhile && isRevoked) return 0;
  return failure.retry === 'never' ? idleSeconds : backoffSeconds(state.failures++);
}

async function bringUp(
  space: EntityRef,
  { hostId, run }: Extract<SpaceAssessment, { kind: 'provision' }>,
  { state, timeline, signals }: Look,
): Promise<number> {
  if (!state.announced)
    await spaceRecords.publishSpace(space, { outcome: 'progressing', step: 'broker' }, run);
  state.announced = true;
  const report = patched(patches.revokedFirst)
    ? await beside(
        signals,
        () => provision(space, hostId, run, timeline),
        () => revoke(space, hostId, timeline),
      )
    : await provisionAddressesFirst(space, hostId, timeline);
  if (report.outcome === 'failed' && report.failure.code === 'SPACE_CHANGED') {
    // Twice in a row: workers do not see the same yet.
    return state.overtaken++ === 0 ? 0 : backoffSeconds(state.failures++);
  }
  state.overtaken = 0;
  const { changedMeanwhile } = await spaceRecords.publishSpace(space, report, run);
  if (changedMeanwhile) return 0;
  if (report.outcome !== 'ready') {
    const isHopeless = report.outcome === 'failed' && report.failure.retry === 'never';
    return isHopeless ? idleSeconds : backoffSeconds(state.failures++);
  }
  if (!report.counts.retry) state.failures = 0;
  const seconds = report.counts.retry ? backoffSeconds(state.failures++) : idleSeconds;
  return Math.min(seconds, secondsUntil(report.counts.nextParkingEnd));
}

/** One that does not come to its end is in the timeline, and comes again with the next look. */
async function revoke(space: EntityRef, hostId: string, timeline: Timeline, why?: Failure): Promise<void> {
  try {
    const { revoked } = await revocation(hostId).revokeUsers(space, ...(why === undefined ? [] : [why]));
    if (revoked > 0) timeline.add('revoke', 'succeeded', `${revoked} users lost something`);
  } catch (error) {
    if (isCancellation(error)) throw error;
    timeline.add('revoke', 'failed', failureOf(error).message);
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
