import { condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import type { EntityRef, SpaceReport, TimelineEntry } from '@samband/contract';
import { failureOf } from './failure.js';
import { dirtySignal, timelineQuery } from './messages.js';
import { hostActivities, spaceRecords } from './proxies.js';
import { Timeline } from './timeline.js';

/** Everything that outlives one run of the history; a run that starts with it ends in the same state. */
interface Carried {
  readonly timeline: readonly TimelineEntry[];
  readonly failures: number;
  readonly announced: boolean;
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
  let failures = carried?.failures ?? 0;
  let announced = carried?.announced ?? false;
  setHandler(dirtySignal, () => {
    dirty = true;
  });
  setHandler(timelineQuery, () => timeline.entries);

  for (;;) {
    dirty = false;
    const assessment = await spaceRecords.assessSpace(space);
    let seconds = idleSeconds;
    switch (assessment.kind) {
      case 'absent':
        // Created again while this run was looking: it is this workflow's to bring up.
        if (isDirty()) continue;
        timeline.add('end', 'succeeded');
        return;
      case 'terminating':
        timeline.add('remove', 'started');
        try {
          if (assessment.hostId !== undefined) await hostActivities(assessment.hostId).removeBroker(space);
          await spaceRecords.releaseSpace(space);
          timeline.add('remove', 'succeeded');
          seconds = 0;
        } catch (error) {
          const failure = failureOf(error);
          timeline.add('remove', 'failed', failure.message);
          await spaceRecords.publishSpace(space, { outcome: 'failed', step: 'remove', failure });
          seconds = backoffSeconds(failures++);
        }
        break;
      case 'blocked':
        timeline.add('assess', 'failed', assessment.failure.message);
        await spaceRecords.publishSpace(space, {
          outcome: 'failed',
          step: 'assess',
          failure: assessment.failure,
        });
        seconds = assessment.failure.retry === 'never' ? idleSeconds : backoffSeconds(failures++);
        break;
      case 'provision': {
        if (!announced) await spaceRecords.publishSpace(space, { outcome: 'progressing', step: 'broker' });
        announced = true;
        const report = await provision(space, assessment.hostId, timeline);
        const { changedMeanwhile } = await spaceRecords.publishSpace(space, report);
        if (report.outcome === 'ready') {
          seconds = report.counts.retry ? backoffSeconds(failures++) : idleSeconds;
          if (!report.counts.retry) failures = 0;
          seconds = Math.min(seconds, secondsUntil(report.counts.nextParkingEnd));
        } else if (report.outcome === 'failed' && report.failure.retry === 'later') {
          seconds = backoffSeconds(failures++);
        }
        if (changedMeanwhile) seconds = 0;
        break;
      }
    }
    if (workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > eventsPerRun) {
      await continueAsNew<typeof addressSpaceWorkflow>(space, {
        timeline: timeline.entries,
        failures,
        announced,
      });
    }
    if (seconds > 0) await condition(() => dirty, seconds * 1000);
  }
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
  return Math.max(1, Math.ceil((Date.parse(end) - Date.now()) / 1000));
}
