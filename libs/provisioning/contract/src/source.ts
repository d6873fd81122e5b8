import type { EntityRef } from './names.js';

/**
 * Why a source's workflow looks. `asked`: somebody pushed. `blind`: it has just begun, or the repository did not
 * answer the last time, so nobody knows what it missed. `woken`: something else changed, which is no reason to ask the
 * repository again.
 */
export type LookReason = 'asked' | 'blind' | 'woken';

/** What a look at a GitSource decided. The look itself creates and forgets Rollout objects. */
export type SourceAssessment =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'terminating';
      readonly running: boolean;
      /** Rollouts that are not past their commit point, and never will be. */
      readonly supersede?: readonly string[];
    }
  | {
      readonly kind: 'present';
      /** Rollout to run now. */
      readonly start?: string;
      /** Rollouts that a newer head takes over from. */
      readonly supersede: readonly string[];
      readonly nextCheckSeconds: number;
      readonly summary: string;
      /** It was asked for, and nothing was new: who goes on asking may wait a little. */
      readonly isInVain?: true;
      /** The repository did not answer: the next look is `blind`. */
      readonly isOwed?: true;
    };

export interface SourceActivities {
  assessSource(source: EntityRef, reason: LookReason): Promise<SourceAssessment>;
  /** Removes the objects of a deleted source (when it prunes) and lets the API server delete it. */
  releaseSource(source: EntityRef): Promise<void>;
}
