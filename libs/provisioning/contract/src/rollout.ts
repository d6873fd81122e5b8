import type { RolloutPhase } from '@samband/resources';
import type { Failure } from './failure.js';
import type { EntityRef } from './names.js';

export type { RolloutPhase };

export interface RolloutStep {
  readonly name: string;
  readonly phase: 'Running' | 'Succeeded' | 'Failed' | 'Cancelled';
  readonly attempt: number;
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly message?: string;
}

/** Why a rollout turned back, and what its way back leads to. */
export interface WayBack {
  readonly to: 'RolledBack' | 'Cancelled' | 'Superseded';
  readonly failure?: Failure;
}

/** Where a rollout stands, read from its object: Temporal may have forgotten it. */
export type RolloutState =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'present';
      readonly uid?: string;
      readonly source: string;
      readonly phase: RolloutPhase;
      readonly steps: readonly RolloutStep[];
      /** Set once the way back was entered. */
      readonly wayBack?: WayBack;
      /** What it waits for somebody to do. */
      readonly awaits?: string;
      readonly committed: boolean;
    };

export interface RolloutRequests {
  readonly cancel?: string;
  readonly retry?: string;
  /** Digest of the plan that may be applied. */
  readonly confirm?: string;
  /** A newer rollout has begun: a retry of this one would undo what that one relies on. */
  readonly overtakenBy?: string;
  /** The Rollout, or its namespace, was removed: there is nothing to wait for. */
  readonly isGone?: true;
}

export interface RolloutPlanSummary {
  readonly digest: string;
  readonly add: number;
  readonly change: number;
  readonly remove: number;
  readonly unchanged: number;
}

export type PlanOutcome =
  | {
      readonly kind: 'planned';
      readonly summary: RolloutPlanSummary;
      /** Hosts whose brokers may hold messages of what is removed. */
      readonly countAt?: readonly string[];
    }
  | {
      /** It removes too much to be applied before somebody has confirmed just this plan. */
      readonly kind: 'unconfirmed';
      readonly summary: RolloutPlanSummary;
      /** What it removes, and how to confirm that. */
      readonly message: string;
      readonly countAt?: readonly string[];
    }
  | { readonly kind: 'refused'; readonly failure: Failure };

export interface RolloutRecord {
  /** Of the object that the record is of; absent before it was known. */
  readonly uid?: string;
  readonly phase: RolloutPhase;
  readonly steps: readonly RolloutStep[];
  readonly failure?: Failure;
  readonly wayBack?: WayBack;
  /** What it waits for somebody to do. */
  readonly awaits?: string;
  readonly handled?: Pick<RolloutRequests, 'cancel' | 'retry' | 'confirm'>;
  /** It was stuck, and goes on now, unless a newer one has begun meanwhile. */
  readonly resumes?: true;
  readonly committed?: boolean;
}

export type RecordOutcome = Pick<RolloutRequests, 'overtakenBy'> & { readonly isGone: boolean };

/** Spaces that a rollout touches, with the host of each one's broker. */
export interface TouchedSpace extends EntityRef {
  readonly hostId: string;
}

/** Activities of one rollout. What they need of each other travels in the Rollout's snapshot Secrets. */
export interface RolloutActivities {
  loadRollout(rollout: EntityRef): Promise<RolloutState>;
  /** Annotations that were not handled yet. */
  readRequests(rollout: EntityRef, uid?: string): Promise<RolloutRequests>;
  /**
   * Writes `status`; the rollout workflow is its only writer.
   * @returns whether the object is gone, and what overtook one that resumes; `null` in histories of before this was told
   */
  recordRollout(rollout: EntityRef, record: RolloutRecord): Promise<RecordOutcome | null>;
  /** Fetches the commit into a snapshot. Idempotent: the commit is immutable. */
  checkoutCommit(rollout: EntityRef): Promise<{ readonly files: number; readonly subject: string }>;
  /** Parses, validates, compares, judges quota and rights; writes plan and problems into the status. */
  planRollout(rollout: EntityRef): Promise<PlanOutcome>;
  /** On a host of brokers: counts the messages that they hold of what is removed. @returns what becomes of them, for people */
  countAtRisk(rollout: EntityRef): Promise<string>;
  /** Server-side applies what is new or changed. Idempotent; remembers the generations it wrote. */
  applyRollout(rollout: EntityRef): Promise<{ readonly applied: number }>;
  /** Until everything applied is Ready at the generation that was written. */
  awaitReady(rollout: EntityRef): Promise<{ readonly ready: number }>;
  touchedSpaces(rollout: EntityRef): Promise<TouchedSpace[]>;
  /** Removes what the commit no longer holds, and waits until it is gone. Goes forward only. */
  pruneRollout(rollout: EntityRef): Promise<{ readonly removed: number; readonly conflicts: number }>;
  /** Makes this rollout's content the last good one of its source. */
  commitRollout(rollout: EntityRef): Promise<void>;
  /** The way back: every object as it was before, unless somebody else changed it meanwhile. */
  restoreRollout(rollout: EntityRef): Promise<{ readonly restored: number; readonly conflicts: number }>;
  /**
   * Until everything restored is as ready as it was. With `isOvertaken` only until a newer rollout may plan: what was
   * removed is gone, and the watch has told of what was written.
   */
  awaitRestored(rollout: EntityRef, isOvertaken?: boolean): Promise<{ readonly ready: number }>;
}
