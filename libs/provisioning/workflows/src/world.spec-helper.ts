import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type {
  EntityRef,
  Failure,
  LookReason,
  PlanOutcome,
  RolloutActivities,
  RolloutRecord,
  RolloutRequests,
  RolloutState,
  SourceActivities,
  SourceAssessment,
  SpaceActivities,
  SpaceAssessment,
  SpaceReport,
  SpaceRun,
  SyncCounts,
} from '@samband/contract';

export type Activities = RolloutActivities & SourceActivities & SpaceActivities;
type Present = Extract<RolloutState, { kind: 'present' }>;

/**
 * A world whose steps do as the test says: what the workflows decide is tested here, what the activities do is
 * tested where they are. Everything is remembered in the order it was asked for.
 */
export class World {
  readonly calls: string[] = [];
  readonly phases: string[] = [];
  readonly reports: SpaceReport[] = [];
  /** Of each report, the run that it is of. */
  readonly runs: (SpaceRun | undefined)[] = [];
  requests: RolloutRequests = {};
  state: RolloutState = { kind: 'present', source: 'shop', phase: 'Pending', steps: [], committed: false };
  last: RolloutRecord | undefined;
  spaceAssessments: SpaceAssessment[] = [];
  sourceAssessments: SourceAssessment[] = [];
  /** Of each revocation: why nothing is given. */
  readonly revocations: (Failure | undefined)[] = [];
  /** Of each look at the source so far. */
  readonly lookReasons: LookReason[] = [];
  /** Failures still to come, by activity. */
  readonly failures = new Map<string, { code: string; times: number; retry: 'never' | 'later' }>();
  /** Activities that wait until released (or cancelled), by name. */
  readonly held = new Map<string, Promise<void>>();
  /** Of each wait at the end of a way back: whether it was only for what a newer rollout reads. */
  readonly settledOnly: boolean[] = [];
  refuse = false;
  /** What the host of a broker says of messages; undefined when none is to be asked. */
  atRisk: string | undefined;
  /** Digests of plans still to come that have to be confirmed; then one that has not. */
  readonly asks: string[] = [];
  /** The Rollout was removed. */
  isGone = false;
  /** A newer rollout that begins between the reading of a retry and its being followed. */
  overtakenBy: string | undefined;
  /** Answers of `publishSpace` still to come; then nothing has changed meanwhile. */
  readonly changedMeanwhile: boolean[] = [];
  /** What `syncAddresses` answers besides the usual. */
  counts: Partial<SyncCounts> = {};

  readonly activities: Activities = {
    loadRollout: () => this.answer('loadRollout', this.state),
    readRequests: () => this.answer('readRequests', this.requests),
    recordRollout: (_: EntityRef, record: RolloutRecord) => {
      if (this.phases.at(-1) !== record.phase) this.phases.push(record.phase);
      this.last = record;
      const { overtakenBy } = this;
      const isOvertaken = record.resumes === true && overtakenBy !== undefined;
      return Promise.resolve({ isGone: this.isGone, ...(isOvertaken ? { overtakenBy } : {}) });
    },
    checkoutCommit: () => this.answer('checkoutCommit', { files: 3, subject: 'Add orders' }),
    planRollout: () => this.answer('planRollout', this.plan()),
    countAtRisk: () => this.answer('countAtRisk', this.atRisk ?? ''),
    applyRollout: () => this.answer('applyRollout', { applied: 2 }),
    awaitReady: () => this.answer('awaitReady', { ready: 2 }),
    touchedSpaces: () => this.answer('touchedSpaces', [{ namespace: 'team', name: 'app', hostId: 'h1' }]),
    pruneRollout: () => this.answer('pruneRollout', { removed: 1, conflicts: 0 }),
    commitRollout: () => this.answer('commitRollout', undefined),
    restoreRollout: () => this.answer('restoreRollout', { restored: 2, conflicts: 0 }),
    awaitRestored: (_, isOvertaken = false) => {
      this.settledOnly.push(isOvertaken);
      return this.answer('awaitRestored', { ready: 2 });
    },
    assessSource: (_source, reason) => {
      this.lookReasons.push(reason);
      return this.answer('assessSource', this.sourceAssessments.shift() ?? { kind: 'absent' as const });
    },
    releaseSource: () => this.answer('releaseSource', undefined),
    assessSpace: () =>
      this.answer('assessSpace', this.spaceAssessments.shift() ?? { kind: 'absent' as const }),
    provisionBroker: () => this.answer('provisionBroker', { incarnation: 'i1', restarted: true }),
    revokeUsers: (_, why) => {
      this.revocations.push(why);
      return this.answer('revokeUsers', { revoked: 0 });
    },
    syncUsers: () => this.answer('syncUsers', { total: 1, ready: 1, changed: 1, retry: false }),
    syncAddresses: () =>
      this.answer('syncAddresses', {
        total: 2,
        ready: 2,
        changed: 2,
        removed: 0,
        parked: 0,
        retry: false,
        ...this.counts,
      }),
    probeSpace: () => this.answer('probeSpace', undefined),
    exportSpace: () => this.answer('exportSpace', undefined),
    publishSpace: (_: EntityRef, report: SpaceReport, of?: SpaceRun) => {
      this.reports.push(report);
      this.runs.push(of);
      return this.answer('publishSpace', { changedMeanwhile: this.changedMeanwhile.shift() ?? false });
    },
    retireBroker: () => this.answer('retireBroker', undefined),
    forgetParked: () => this.answer('forgetParked', undefined),
    removeBroker: () => this.answer('removeBroker', undefined),
    releaseSpace: () => this.answer('releaseSpace', undefined),
  };

  private plan(): PlanOutcome {
    if (this.refuse)
      return { kind: 'refused', failure: { code: 'INVALID', message: '2 problems', retry: 'never' } };
    const digest = this.asks.shift();
    const summary = { digest: digest ?? 'd', add: 2, change: 0, remove: 1, unchanged: 0 };
    const countAt = this.atRisk === undefined ? {} : { countAt: ['h1'] };
    return digest === undefined
      ? { kind: 'planned', summary, ...countAt }
      : { kind: 'unconfirmed', summary, message: `confirm ${digest}`, ...countAt };
  }

  present(state: Partial<Present>): void {
    this.state = { kind: 'present', source: 'shop', phase: 'Pending', steps: [], committed: false, ...state };
  }

  fail(activity: string, code: string, retry: 'never' | 'later', times = 1_000): void {
    this.failures.set(activity, { code, retry, times });
  }

  /** Steps that are neither bookkeeping nor beside the others, in their order. */
  get steps(): string[] {
    return this.calls.filter(
      (name) =>
        !['loadRollout', 'readRequests', 'touchedSpaces', 'publishSpace', 'revokeUsers'].includes(name),
    );
  }

  private async answer<T>(name: string, value: T): Promise<T> {
    this.calls.push(name);
    const held = this.held.get(name);
    if (held !== undefined) await untilReleased(held);
    const failure = this.failures.get(name);
    if (failure !== undefined && failure.times > 0) {
      failure.times -= 1;
      throw ApplicationFailure.create({
        type: failure.code,
        message: `${name} failed`,
        nonRetryable: failure.retry === 'never',
      });
    }
    return value;
  }
}

/** Heartbeats, so that a cancellation reaches the step that waits. */
async function untilReleased(held: Promise<void>): Promise<void> {
  const context = Context.current();
  const timer = setInterval(() => {
    context.heartbeat();
  }, 100);
  try {
    await Promise.race([held, context.cancelled]);
  } finally {
    clearInterval(timer);
  }
}
