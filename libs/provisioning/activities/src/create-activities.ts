import type {
  EntityRef,
  RolloutActivities,
  SourceActivities,
  SpaceActivities,
  SpaceReport,
} from '@samband/contract';
import type { Ports } from './ports.js';
import { applyRollout } from './rollout/apply.js';
import { awaitReady, awaitRestored } from './rollout/await.js';
import { checkoutCommit } from './rollout/checkout.js';
import { commitRollout } from './rollout/commit.js';
import { loadRollout, readRequests, recordRollout } from './rollout/load.js';
import { planRollout } from './rollout/plan.js';
import { pruneRollout } from './rollout/prune.js';
import { restoreRollout } from './rollout/restore.js';
import { touchedSpaces } from './rollout/touched.js';
import { running, withFailures } from './running.js';
import { assessSource } from './source/assess.js';
import { releaseSource } from './source/release.js';
import { assessSpace } from './space/assess.js';
import { exportSpace } from './space/exports.js';
import { probeSpace } from './space/probe.js';
import { provisionBroker } from './space/provision.js';
import { publishSpace } from './space/publish.js';
import { releaseSpace, removeBroker } from './space/remove.js';
import type { SpaceRevisions } from './space/revisions.js';
import type { BrokerSessions } from './space/sessions.js';
import { syncAddresses } from './space/sync-addresses.js';
import { syncUsers } from './space/users.js';

/** What any worker can do. */
export type ControlActivities = SourceActivities &
  RolloutActivities &
  Pick<SpaceActivities, 'assessSpace' | 'publishSpace' | 'releaseSpace'>;

/** What needs the machine that a broker's process runs on. */
export type HostActivities = Omit<SpaceActivities, 'assessSpace' | 'publishSpace' | 'releaseSpace'>;

export function createControlActivities(ports: Ports, revisions: SpaceRevisions): ControlActivities {
  return withFailures<ControlActivities>({
    assessSource: (ref: EntityRef) => assessSource(ports, ref, running()),
    releaseSource: (ref: EntityRef) => releaseSource(ports, ref, running()),
    loadRollout: (ref: EntityRef) => loadRollout(ports, ref),
    readRequests: (ref: EntityRef) => readRequests(ports, ref),
    recordRollout: (ref: EntityRef, record) => recordRollout(ports, ref, record),
    checkoutCommit: (ref: EntityRef) => checkoutCommit(ports, ref, running()),
    planRollout: (ref: EntityRef) => planRollout(ports, ref, running()),
    applyRollout: (ref: EntityRef) => applyRollout(ports, ref, running()),
    awaitReady: (ref: EntityRef) => awaitReady(ports, ref, running()),
    touchedSpaces: (ref: EntityRef) => touchedSpaces(ports, ref),
    pruneRollout: (ref: EntityRef) => pruneRollout(ports, ref, running()),
    commitRollout: (ref: EntityRef) => commitRollout(ports, ref),
    restoreRollout: (ref: EntityRef) => restoreRollout(ports, ref, running()),
    awaitRestored: (ref: EntityRef) => awaitRestored(ports, ref, running()),
    assessSpace: (ref: EntityRef) => assessSpace(ports, ref),
    publishSpace: (ref: EntityRef, report: SpaceReport) => publishSpace(ports, revisions, ref, report),
    releaseSpace: (ref: EntityRef) => releaseSpace(ports, ref),
  });
}

export function createHostActivities(
  ports: Ports,
  sessions: BrokerSessions,
  revisions: SpaceRevisions,
): HostActivities {
  return withFailures<HostActivities>({
    provisionBroker: (ref: EntityRef) => provisionBroker(ports, sessions, ref, running()),
    syncUsers: (ref: EntityRef) => syncUsers(ports, sessions, ref, running()),
    syncAddresses: (ref: EntityRef) => syncAddresses(ports, sessions, revisions, ref, running()),
    probeSpace: (ref: EntityRef) => probeSpace(ports, ref),
    exportSpace: (ref: EntityRef) => exportSpace(ports, ref),
    removeBroker: (ref: EntityRef) => removeBroker(ports, sessions, ref),
  });
}
