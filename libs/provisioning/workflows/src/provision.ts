import { isCancellation } from '@temporalio/workflow';
import type { EntityRef, SpaceReport, SpaceRun, SyncCounts, UserCounts } from '@samband/contract';
import { failureOf } from './failure.js';
import { hostActivities, revocation } from './proxies.js';
import type { Timeline } from './timeline.js';

/**
 * The steps in their order; the first that fails ends the run, and what was done before it stays. Users come before
 * addresses: whoever may log in must not wait for an address that fails.
 */
export async function provision(
  space: EntityRef,
  hostId: string,
  of: SpaceRun | undefined,
  timeline: Timeline,
): Promise<SpaceReport> {
  const host = hostActivities(hostId);
  let step = 'broker';
  try {
    const broker = await host.provisionBroker(space, of);
    if (broker.restarted) timeline.add(step, 'succeeded', `incarnation ${broker.incarnation}`);
    step = 'users';
    const users = await host.syncUsers(space, of);
    tellUsers(timeline, users);
    step = 'addresses';
    const addresses = await host.syncAddresses(space, of);
    tellAddresses(timeline, addresses);
    step = 'probe';
    await host.probeSpace(space, of);
    step = 'exports';
    await host.exportSpace(space, of);
    return works(timeline, addresses, users);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const failure = failureOf(error);
    timeline.add(step, 'failed', failure.message);
    // Users that wait for something would say for as long as this lasts that they have it.
    if (step === 'broker' || step === 'users')
      await revocation(hostId)
        .revokeUsers(space, failure)
        .catch((again: unknown) => {
          if (isCancellation(again)) throw again;
        });
    return { outcome: 'failed', step, failure };
  }
}

/** As runs of before `revokedFirst` went, which are still replayed. */
export async function provisionAddressesFirst(
  space: EntityRef,
  hostId: string,
  timeline: Timeline,
): Promise<SpaceReport> {
  const host = hostActivities(hostId);
  let step = 'broker';
  try {
    const broker = await host.provisionBroker(space);
    if (broker.restarted) timeline.add(step, 'succeeded', `incarnation ${broker.incarnation}`);
    step = 'addresses';
    const addresses = await host.syncAddresses(space);
    tellAddresses(timeline, addresses);
    step = 'users';
    const users = await host.syncUsers(space);
    tellUsers(timeline, users);
    step = 'probe';
    await host.probeSpace(space);
    step = 'exports';
    await host.exportSpace(space);
    return works(timeline, addresses, users);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const failure = failureOf(error);
    timeline.add(step, 'failed', failure.message);
    return { outcome: 'failed', step, failure };
  }
}

function tellUsers(timeline: Timeline, { changed }: UserCounts): void {
  if (changed > 0) timeline.add('users', 'succeeded', `${changed} changed`);
}

function tellAddresses(timeline: Timeline, { changed, removed, parked }: SyncCounts): void {
  if (changed + removed > 0)
    timeline.add('addresses', 'succeeded', `${changed} ensured, ${removed} removed, ${parked} parked`);
}

function works(timeline: Timeline, addresses: SyncCounts, users: UserCounts): SpaceReport {
  timeline.add(
    'ready',
    'succeeded',
    `${addresses.ready} of ${addresses.total} addresses, ${users.ready} of ${users.total} users`,
  );
  return { outcome: 'ready', counts: { ...addresses, retry: addresses.retry || users.retry } };
}
