import {
  createControlActivities,
  createHostActivities,
  type BrokerSessions,
  type DriftWatch,
  type Ports,
  type SpaceRevisions,
} from '@samband/activities';
import { taskQueues } from '@samband/contract';
import type { Queue } from './temporal-workers.js';

/** Steps that work: more at once would only make each of them slower. */
const workingSlots = 100;
/**
 * A step that waits does so on the worker's own watch. It holds names and versions of its objects, and beats every 5 s
 * for a fifth of a millisecond, of which the engine hears one in five: all slots taken cost a tenth of a processor.
 */
const waitingSlots = 2_000;

/** What this worker polls. */
export function createQueues(
  ports: Ports,
  sessions: BrokerSessions,
  revisions: SpaceRevisions,
  watch: DriftWatch,
): Queue[] {
  const activities = createControlActivities(ports, revisions, watch);
  return [
    {
      taskQueue: taskQueues.control,
      runsWorkflows: true,
      activities,
      slots: workingSlots,
      // A rollout that applies thousands of objects makes room for the commit that mends it.
      hearsWithin: '1s',
    },
    { taskQueue: taskQueues.waits, runsWorkflows: false, activities, slots: waitingSlots },
    {
      taskQueue: taskQueues.host(ports.hostId),
      runsWorkflows: false,
      activities: createHostActivities(ports, sessions, revisions),
      slots: workingSlots,
    },
  ];
}
