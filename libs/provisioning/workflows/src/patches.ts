/** Changes of the courses of workflows that histories of before them do not have. See ADR 0002. */
export const patches = {
  /** Bookkeeping is done by local activities, and phases that pass at once are recorded with the step that follows. */
  inPlace: 'bookkeeping-in-place',
  /** A retry that came before a rollout was stuck is answered as soon as it is. */
  keptRetry: 'kept-retry',
  /** A rollout that resumes asks once more, after it said so, whether a newer one has begun. */
  checkedResume: 'checked-resume',
} as const;
