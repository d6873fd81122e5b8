import type { EntityRef } from './names.js';

/** What a look at a GitSource decided. The look itself creates and forgets Rollout objects. */
export type SourceAssessment =
  | { readonly kind: 'absent' }
  | { readonly kind: 'terminating'; readonly running: boolean }
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
    };

export interface SourceActivities {
  assessSource(source: EntityRef): Promise<SourceAssessment>;
  /** Removes the objects of a deleted source (when it prunes) and lets the API server delete it. */
  releaseSource(source: EntityRef): Promise<void>;
}
