/** Changes of the courses of workflows that histories of before them do not have. See ADR 0002. */
export const patches = {
  /** Bookkeeping is done by local activities, and phases that pass at once are recorded with the step that follows. */
  inPlace: 'bookkeeping-in-place',
  /** A retry that came before a rollout was stuck is answered as soon as it is. */
  keptRetry: 'kept-retry',
  /** A rollout that resumes asks once more, after it said so, whether a newer one has begun. */
  checkedResume: 'checked-resume',
  /** A newer rollout ends one that applies or waits, by the way back; and the waiting at the end of a way back. */
  overtaken: 'newer-overtakes',
  /** A rollout that is stuck, or goes on, tells its source; and looks by itself whether its object is still there. */
  tellsStuck: 'source-told-when-stuck',
  /** A source tells a rollout that runs already to look whether it is still the one of its object. */
  reminds: 'running-rollout-reminded',
  /** A space that goes has its broker retired, which keeps what holds messages. */
  parkedSpace: 'parked-space',
  /** A space takes away at once what users have lost, whatever else it does; users come before addresses. */
  revokedFirst: 'revoked-first',
} as const;
