/** One thing that happened in a workflow; what the query `timeline` answers, oldest first. */
export interface TimelineEntry {
  /** RFC 3339. */
  readonly at: string;
  readonly step: string;
  readonly outcome: 'started' | 'succeeded' | 'failed';
  /** For people; names and numbers, never contents. */
  readonly message?: string;
}

/** Entries kept; older ones are dropped, so that state carried over stays small. */
export const timelineLimit = 100;
