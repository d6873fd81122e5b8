import { ApplicationFailure } from '@temporalio/common';
import type {
  EntityRef,
  Failure,
  LookReason,
  RolloutActivities,
  SourceActivities,
  SpaceActivities,
  SpaceReport,
  SpaceRun,
} from '@samband/contract';
import { ParsedFiles } from '@samband/gitops';
import { guardPorts } from './guard.js';
import type { Ports } from './ports.js';
import { applyRollout } from './rollout/apply.js';
import { awaitReady, awaitRestored, awaitSettled } from './rollout/await.js';
import { checkoutCommit } from './rollout/checkout.js';
import { countAtRisk } from './rollout/count-at-risk.js';
import { commitRollout } from './rollout/commit.js';
import { loadRollout, readRequests, recordRollout } from './rollout/load.js';
import { planRollout } from './rollout/plan.js';
import { pruneRollout } from './rollout/prune.js';
import { restoreRollout } from './rollout/restore.js';
import { touchedSpaces } from './rollout/touched.js';
import { beating, running, withFailures, type Running } from './running.js';
import { assessSource } from './source/assess.js';
import type { DriftWatch } from './source/drift-watch.js';
import { RecentLooks } from './source/recent-looks.js';
import { releaseSource } from './source/release.js';
import { assessSpace } from './space/assess.js';
import { exportSpace } from './space/exports.js';
import { probeSpace } from './space/probe.js';
import { provisionBroker } from './space/provision.js';
import { publishSpace } from './space/publish.js';
import { forgetParked, releaseSpace, removeBroker } from './space/remove.js';
import { retireBroker } from './space/retire.js';
import { revokeUsers } from './space/revoke-users.js';
import type { SpaceRevisions } from './space/revisions.js';
import type { BrokerSessions } from './space/sessions.js';
import { syncAddresses } from './space/sync-addresses.js';
import { syncUsers } from './space/sync-users.js';
import { Standstill } from './standstill.js';

/** Manifests that are kept between the commits of all sources: some 30,000 addresses. */
const knownCharacters = 4 * 1024 * 1024;

type ControlOfSpaces = 'assessSpace' | 'publishSpace' | 'releaseSpace' | 'forgetParked';

/** What any worker can do. */
export type ControlActivities = SourceActivities &
  Omit<RolloutActivities, 'countAtRisk'> &
  Pick<SpaceActivities, ControlOfSpaces>;

/** What needs the machine that a broker's process runs on. */
export type HostActivities = Omit<SpaceActivities, ControlOfSpaces> & Pick<RolloutActivities, 'countAtRisk'>;

export function createControlActivities(
  ports: Ports,
  revisions: SpaceRevisions,
  watch: DriftWatch,
): ControlActivities {
  const step = stepsWith(ports);
  const known = new ParsedFiles(knownCharacters);
  const memory = { looks: new RecentLooks(), watch, known };
  return withFailures<ControlActivities>({
    assessSource: (ref: EntityRef, reason: LookReason) =>
      step((own, run) => assessSource(own, memory, ref, reason, run)),
    releaseSource: (ref: EntityRef) => step((own, run) => releaseSource(own, ref, run)),
    loadRollout: (ref: EntityRef) => step((own) => loadRollout(own, ref)),
    readRequests: (ref: EntityRef, uid?: string) => step((own) => readRequests(own, ref, uid)),
    recordRollout: (ref: EntityRef, record) => step((own) => recordRollout(own, ref, record)),
    checkoutCommit: (ref: EntityRef) => step((own, run) => checkoutCommit(own, ref, run)),
    planRollout: (ref: EntityRef) => step((own, run) => planRollout(own, known, ref, run)),
    applyRollout: (ref: EntityRef) => step((own, run) => applyRollout(own, ref, run)),
    awaitReady: (ref: EntityRef) => step((own, run) => awaitReady(own, ref, run)),
    touchedSpaces: (ref: EntityRef) => step((own) => touchedSpaces(own, ref)),
    pruneRollout: (ref: EntityRef) => step((own, run) => pruneRollout(own, ref, run)),
    commitRollout: (ref: EntityRef) => step((own) => commitRollout(own, ref)),
    restoreRollout: (ref: EntityRef) => step((own, run) => restoreRollout(own, ref, run)),
    awaitRestored: (ref: EntityRef, isOvertaken = false) =>
      step((own, run) => (isOvertaken ? awaitSettled(own, ref, run) : awaitRestored(own, ref, run))),
    assessSpace: (ref: EntityRef) => step((own) => assessSpace(own, ref)),
    publishSpace: (ref: EntityRef, report: SpaceReport, of?: SpaceRun) =>
      step((own) => publishSpace(own, revisions, ref, report, of)),
    releaseSpace: (ref: EntityRef) => step((own) => releaseSpace(own, ref)),
    forgetParked: (ref: EntityRef) => step((own) => forgetParked(own, ref)),
  });
}

export function createHostActivities(
  ports: Ports,
  sessions: BrokerSessions,
  revisions: SpaceRevisions,
): HostActivities {
  const step = stepsWith(ports);
  return withFailures<HostActivities>({
    provisionBroker: (ref: EntityRef, of?: SpaceRun) =>
      step((own, run) => provisionBroker(own, sessions, ref, run, of)),
    revokeUsers: (ref: EntityRef, why?: Failure) =>
      step((own, run) => revokeUsers(own, sessions, ref, run, why)),
    syncUsers: (ref: EntityRef, of?: SpaceRun) => step((own, run) => syncUsers(own, sessions, ref, run, of)),
    syncAddresses: (ref: EntityRef, of?: SpaceRun) =>
      step((own, run) => syncAddresses(own, sessions, revisions, ref, run, of)),
    probeSpace: (ref: EntityRef, of?: SpaceRun) => step((own) => probeSpace(own, ref, of)),
    exportSpace: (ref: EntityRef, of?: SpaceRun) => step((own) => exportSpace(own, ref, of)),
    countAtRisk: (ref: EntityRef) => step((own) => countAtRisk(own, ref)),
    retireBroker: (ref: EntityRef) => step((own, run) => retireBroker(own, sessions, ref, run)),
    removeBroker: (ref: EntityRef) => step((own) => removeBroker(own, sessions, ref)),
  });
}

/**
 * Runs steps so that the engine hears of them at least every few seconds, whatever they wait for, and so that one
 * that was given up writes nothing more.
 */
function stepsWith(ports: Ports): <T>(work: (own: Ports, run: Running) => Promise<T>) => Promise<T> {
  const standstill = new Standstill();
  return (work) => {
    const run = running();
    const restMs = standstill.restMs();
    if (restMs > 0) {
      const message = 'the worker stood still: what it was given meanwhile is tried again';
      // Once, when that is over: its usual attempts would all come before, and the commit be taken back.
      return Promise.reject(ApplicationFailure.create({ message, type: 'INTERNAL', nextRetryDelay: restMs }));
    }
    return beating(run, work(guardPorts(ports, run), run));
  };
}
