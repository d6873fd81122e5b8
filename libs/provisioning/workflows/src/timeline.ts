import { timelineLimit, type TimelineEntry } from '@samband/contract';

/** What happened in a workflow, bounded; carried over when the workflow continues as new. */
export class Timeline {
  private readonly kept: TimelineEntry[];

  constructor(carried: readonly TimelineEntry[] = []) {
    this.kept = [...carried];
  }

  get entries(): readonly TimelineEntry[] {
    return this.kept;
  }

  add(step: string, outcome: TimelineEntry['outcome'], message?: string): void {
    this.kept.push({
      at: new Date().toISOString(),
      step,
      outcome,
      ...(message === undefined ? {} : { message: message.slice(0, 500) }),
    });
    if (this.kept.length > timelineLimit) this.kept.shift();
  }
}
