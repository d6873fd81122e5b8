import type { Failure } from './failure.js';
import type { EntityRef } from './names.js';

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
  /** Cannot be provisioned as it stands. A broker that runs already keeps running. */
  | { readonly kind: 'blocked'; readonly failure: Failure }
  | { readonly kind: 'provision'; readonly hostId: string };

export interface SyncCounts {
  readonly total: number;
  readonly ready: number;
  /** Ensured on the broker in this run. */
  readonly changed: number;
  readonly removed: number;
  readonly parked: number;
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
 * numbers only. All but `assessSpace`, `publishSpace`, `releaseSpace` and `forgetParked` run on the broker's host.
 */
export interface SpaceActivities {
  assessSpace(space: EntityRef): Promise<SpaceAssessment>;
  /** Certificates, files and the broker's process. Idempotent: compares spec digests. */
  provisionBroker(space: EntityRef): Promise<{ readonly incarnation: string; readonly restarted: boolean }>;
  /** Logins and permissions. Idempotent: writes differences only. */
  syncUsers(space: EntityRef): Promise<UserCounts>;
  /** Queues, topics, settings, parking; writes the status of each address that changed. */
  syncAddresses(space: EntityRef): Promise<SyncCounts>;
  /** A message through the tenants' TLS listener. */
  probeSpace(space: EntityRef): Promise<void>;
  /** ConfigMaps and Secrets that the endpoints ask for, as the service account `address-space-controller`. */
  exportSpace(space: EntityRef): Promise<void>;
  publishSpace(space: EntityRef, report: SpaceReport): Promise<{ readonly changedMeanwhile: boolean }>;
  /** Shuts everybody out and counts: a broker that holds messages is stopped and its journal kept, another is removed. */
  retireBroker(space: EntityRef): Promise<void>;
  /** Stops the broker and forgets its data. */
  removeBroker(space: EntityRef): Promise<void>;
  /** Forgets the space's infrastructure Secrets, or tells its team of what is kept, and lets the API server delete the object. */
  releaseSpace(space: EntityRef): Promise<void>;
  /** Forgets a parked space whose broker was removed. */
  forgetParked(space: EntityRef): Promise<void>;
}
