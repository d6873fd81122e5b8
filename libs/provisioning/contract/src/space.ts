import type { Failure } from './failure.js';
import type { EntityRef } from './names.js';

/**
 * What the steps of one run work on, so that what is said in the end is said of what was worked on: a step that finds
 * another state fails with SPACE_CHANGED, and the run begins again.
 */
export interface SpaceRun {
  readonly uid: string;
  readonly generation: number;
  /** Digest of what the space refers to, as far as it decides how it is provisioned. */
  readonly facts: string;
}

/** What a look at an AddressSpace and everything it refers to decided. */
export type SpaceAssessment =
  /** No such object any more: the workflow ends. */
  | { readonly kind: 'absent' }
  /** No such object any more, and its messages are kept for a while. */
  | { readonly kind: 'parked'; readonly destroyAt: string }
  /** What was kept under its name is to be destroyed, whether an object of that name is there or not. */
  | { readonly kind: 'expired'; readonly hostId: string }
  /** Being deleted; `hostId` is where its broker is, if it ever had one. */
  | { readonly kind: 'terminating'; readonly hostId?: string }
  /**
   * Cannot be provisioned as it stands. A broker that runs already, on `hostId`, keeps running, and goes on refusing
   * whom it must.
   */
  | { readonly kind: 'blocked'; readonly failure: Failure; readonly hostId?: string; readonly run?: SpaceRun }
  | { readonly kind: 'provision'; readonly hostId: string; readonly run?: SpaceRun };

export interface SyncCounts {
  readonly total: number;
  readonly ready: number;
  /** Ensured on the broker in this run. */
  readonly changed: number;
  readonly removed: number;
  readonly parked: number;
  /** That the broker has no memory left for messages, by what, and how to get it back. */
  readonly full?: string;
  /** Some address failed for a reason that may pass: look again soon. */
  readonly retry: boolean;
  /** When the earliest parked queue may go, RFC 3339. */
  readonly nextParkingEnd?: string;
}

export interface UserCounts {
  readonly total: number;
  readonly ready: number;
  readonly changed: number;
  /** Some user failed for a reason that may pass (a Secret that is not there yet): look again soon. */
  readonly retry: boolean;
}

/** How a run of the pipeline ended, for the status of the space. */
export type SpaceReport =
  | { readonly outcome: 'ready'; readonly counts: SyncCounts }
  | { readonly outcome: 'progressing'; readonly step: string }
  | { readonly outcome: 'failed'; readonly step: string; readonly failure: Failure };

/**
 * Activities of one space. Each reads the truth from the Kubernetes API, is idempotent, and returns names and
 * numbers only. `of` is the run that a step belongs to: it works on nothing else. All but `assessSpace`, `publishSpace`,
 * `releaseSpace` and `forgetParked` run on the broker's host.
 */
export interface SpaceActivities {
  assessSpace(space: EntityRef): Promise<SpaceAssessment>;
  /** Certificates, files and the broker's process. Idempotent: compares spec digests. */
  provisionBroker(
    space: EntityRef,
    of?: SpaceRun,
  ): Promise<{ readonly incarnation: string; readonly restarted: boolean }>;
  /**
   * Takes away what users have lost, and gives nothing; works whatever is wrong with the space. Idempotent.
   * @param why nothing is given at the moment; users that wait for something are told
   */
  revokeUsers(space: EntityRef, why?: Failure): Promise<{ readonly revoked: number }>;
  /** Logins and permissions. Idempotent: writes differences only. */
  syncUsers(space: EntityRef, of?: SpaceRun): Promise<UserCounts>;
  /** Queues, topics, settings, parking; writes the status of each address that changed. */
  syncAddresses(space: EntityRef, of?: SpaceRun): Promise<SyncCounts>;
  /** A message through the tenants' TLS listener. */
  probeSpace(space: EntityRef, of?: SpaceRun): Promise<void>;
  /** ConfigMaps and Secrets that the endpoints ask for, as the service account `address-space-controller`. */
  exportSpace(space: EntityRef, of?: SpaceRun): Promise<void>;
  /** Of a run that is no longer of the space as it is nothing is said but that it changed meanwhile. */
  publishSpace(
    space: EntityRef,
    report: SpaceReport,
    of?: SpaceRun,
  ): Promise<{ readonly changedMeanwhile: boolean }>;
  /** Shuts everybody out and counts: a broker that holds messages is stopped and its journal kept, another is removed. */
  retireBroker(space: EntityRef): Promise<void>;
  /** Stops the broker and forgets its data. */
  removeBroker(space: EntityRef): Promise<void>;
  /** Forgets the space's infrastructure Secrets, or tells its team of what is kept, and lets the API server delete the object. */
  releaseSpace(space: EntityRef): Promise<void>;
  /** Forgets a parked space whose broker was removed. */
  forgetParked(space: EntityRef): Promise<void>;
}
