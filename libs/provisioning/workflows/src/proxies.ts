import {
  ActivityCancellationType,
  patched,
  proxyActivities,
  proxyLocalActivities,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import {
  taskQueues,
  type RolloutActivities,
  type SourceActivities,
  type SpaceActivities,
} from '@samband/contract';
import { patches } from './patches.js';

/**
 * Five attempts in about a quarter of a minute. What has not passed by then is shown in a status, and the
 * workflow itself tries again later.
 */
const retry = {
  initialInterval: '500ms',
  backoffCoefficient: 2,
  maximumInterval: '8s',
  maximumAttempts: 5,
} as const;

/** Reads, decisions and status writes: seconds at most. They go on for ever while the Kubernetes API is away. */
const patience = {
  startToCloseTimeout: '30s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
} as const;
const bookkeeping = { taskQueue: taskQueues.control, ...patience } as const;

/**
 * Bookkeeping that a workflow does in its own process: without a way through the task queue it takes milliseconds,
 * and a rollout has a dozen of them. A pause of more than a second between two attempts is a timer of the history's.
 */
function inPlace<T extends object>(): ActivityInterfaceFor<T> {
  const local = proxyLocalActivities<T>({ ...patience, localRetryThreshold: '1s' });
  const queued = proxyActivities<T>(bookkeeping);
  return new Proxy(queued, {
    get: (target, name) => {
      const source = patched(patches.inPlace) ? local : target;
      return Reflect.get(source, name) as unknown;
    },
  });
}

export const sourceActivities: ActivityInterfaceFor<SourceActivities> = proxyActivities<SourceActivities>({
  ...bookkeeping,
  startToCloseTimeout: '5m',
  heartbeatTimeout: '30s',
});

export const rolloutRecords =
  inPlace<
    Pick<
      RolloutActivities,
      'loadRollout' | 'readRequests' | 'recordRollout' | 'touchedSpaces' | 'commitRollout'
    >
  >();

/** Steps that fetch and compare: nothing is changed, so a lost one simply runs again. */
export const rolloutReads = proxyActivities<Pick<RolloutActivities, 'checkoutCommit' | 'planRollout'>>({
  taskQueue: taskQueues.control,
  startToCloseTimeout: '5m',
  heartbeatTimeout: '30s',
  retry,
});

/** More than the hour that `SAMBAND_WAIT_SECONDS` may be: each step's own deadline is the shorter one. */
const longestWait = '70m';

/**
 * Steps that write, and wait for what comes of it. A cancelled one is waited for, so that the way back never races with the way forward.
 */
export const rolloutWrites = proxyActivities<
  Pick<RolloutActivities, 'applyRollout' | 'pruneRollout' | 'restoreRollout'>
>({
  taskQueue: taskQueues.control,
  startToCloseTimeout: longestWait,
  heartbeatTimeout: '30s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { ...retry, nonRetryableErrorTypes: ['WAIT_TIMEOUT'] },
});

/** Steps that wait for others. */
export const rolloutWaits = proxyActivities<Pick<RolloutActivities, 'awaitReady' | 'awaitRestored'>>({
  taskQueue: taskQueues.waits,
  startToCloseTimeout: longestWait,
  heartbeatTimeout: '30s',
  // Whoever looks again finds the same; the failure itself may pass with another attempt at the commit.
  retry: { ...retry, nonRetryableErrorTypes: ['WAIT_TIMEOUT', 'DEPENDENCY_MISSING'] },
});

export const spaceRecords =
  inPlace<Pick<SpaceActivities, 'assessSpace' | 'publishSpace' | 'releaseSpace' | 'forgetParked'>>();

/**
 * A rollout's proof of a space that was Ready a moment ago: a broker that dies just then is back within half a minute, and
 * that is no reason to take the commit back.
 */
export function rolloutProbe(hostId: string): ActivityInterfaceFor<Pick<SpaceActivities, 'probeSpace'>> {
  return proxyActivities<Pick<SpaceActivities, 'probeSpace'>>({
    taskQueue: taskQueues.host(hostId),
    scheduleToStartTimeout: '1m',
    startToCloseTimeout: '1m',
    heartbeatTimeout: '30s',
    retry: { ...retry, maximumInterval: '5s', maximumAttempts: 15 },
  });
}

/** A plan says how many messages are at risk, and does not wait for hosts that are away. */
export function counting(hostId: string): ActivityInterfaceFor<Pick<RolloutActivities, 'countAtRisk'>> {
  return proxyActivities<Pick<RolloutActivities, 'countAtRisk'>>({
    taskQueue: taskQueues.host(hostId),
    scheduleToCloseTimeout: '10s',
    retry: { maximumAttempts: 1 },
  });
}

/** What no attempt of the same step can mend, and nobody shall wait a quarter of a minute to be told of. */
const saidAtOnce = ['SPACE_CHANGED', 'EXPORT_FORBIDDEN', 'EXPORT_NOT_OURS', 'MEMORY_EXHAUSTED'];

/** Activities that need the broker's own machine. When that is away for a minute, the status says so. */
export function hostActivities(hostId: string): ActivityInterfaceFor<SpaceActivities> {
  return proxyActivities<SpaceActivities>({
    taskQueue: taskQueues.host(hostId),
    scheduleToStartTimeout: '1m',
    startToCloseTimeout: '20m',
    heartbeatTimeout: '30s',
    retry: { ...retry, nonRetryableErrorTypes: saidAtOnce },
  });
}

/**
 * Goes on beside the other steps of a run, and comes again with the next signal or run: one that fails is not waited for.
 */
export function revocation(hostId: string): ActivityInterfaceFor<Pick<SpaceActivities, 'revokeUsers'>> {
  return proxyActivities<Pick<SpaceActivities, 'revokeUsers'>>({
    taskQueue: taskQueues.host(hostId),
    scheduleToStartTimeout: '1m',
    startToCloseTimeout: '5m',
    heartbeatTimeout: '30s',
    retry: { ...retry, maximumAttempts: 3 },
  });
}
