import {
  CancellationScope,
  condition,
  isCancellation,
  patched,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import {
  type EntityRef,
  type Failure,
  type RolloutPhase,
  type RolloutRecord,
  type RolloutRequests,
  type RolloutState,
  type RolloutStep,
} from '@samband/contract';
import { attributeKeys } from './search-attributes.js';
import { failureOf } from './failure.js';
import { patches } from './patches.js';
import { rolloutRecords } from './proxies.js';
import { Requests } from './requests.js';
import { Timeline } from './timeline.js';

export type StepResult<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'superseded' };

/** What ends a step early: a cancel request or a newer rollout, only the latter, or nothing. */
type EndedBy = 'requests' | 'newer' | 'nothing';

/** The object is gone, or another has its name: nobody is left to do anything for. */
export class RolloutGone extends Error {
  override readonly name = 'RolloutGone';
}

/** Phases whose first step follows at once: its record says both. */
const passing: ReadonlySet<RolloutPhase> = new Set(['Applying', 'Verifying']);

/**
 * A rollout's own account of itself: phase, steps, requests. Everything in it is in the Rollout's status too,
 * so that a Temporal started empty can go on from there.
 */
export class RolloutRun {
  readonly timeline = new Timeline();
  phase: RolloutPhase = 'Pending';
  /** A signal came that was not looked at yet. */
  dirty = true;
  private steps: RolloutStep[] = [];
  private readonly requests = new Requests();
  private uid: string | undefined;
  private source = '';
  private wayBack: RolloutRecord['wayBack'];
  private awaits: string | undefined;
  /** A newer rollout has come, which the step that runs was not told yet. */
  private isTold = false;

  constructor(
    private readonly rollout: EntityRef,
    private superseded: boolean,
  ) {}

  /** Goes on from where the object says the rollout stands. */
  load(state: Extract<RolloutState, { kind: 'present' }>): void {
    this.phase = state.phase;
    this.uid = state.uid;
    this.source = state.source;
    this.steps = state.steps.map((step) =>
      step.phase === 'Running' ? { ...step, phase: 'Failed', message: 'interrupted' } : step,
    );
    this.wayBack = state.wayBack;
    this.awaits = state.awaits;
  }

  /** A newer rollout takes over, unless this one is past its commit point. */
  supersede(): void {
    this.superseded = true;
    this.isTold = true;
  }

  isSuperseded(): boolean {
    return this.superseded;
  }

  /** Whether what was applied is given up for a newer rollout. */
  isOvertaken(): boolean {
    return this.wayBack?.to === 'Superseded' || (this.superseded && patched(patches.overtaken));
  }

  /** GitSource of the rollout. */
  get sourceName(): string {
    return this.source;
  }

  get returningTo(): RolloutRecord['wayBack'] {
    return this.wayBack;
  }

  /**
   * Runs one step and keeps account of it.
   * @returns failure as a value: what follows from it is the caller's to decide
   */
  async step<T>(
    name: string,
    work: () => Promise<T>,
    { endedBy, say }: { endedBy: EndedBy; say?: (value: T) => string },
  ): Promise<StepResult<T>> {
    if (endedBy !== 'nothing' && this.isOvertaken()) return { kind: 'superseded' };
    const attempt = this.steps.filter((step) => step.name === name).length + 1;
    this.steps.push({ name, phase: 'Running', attempt, startedAt: new Date().toISOString() });
    this.timeline.add(name, 'started');
    await this.record();
    const scope = new CancellationScope();
    const result = scope.run(work);
    const end = { settled: false };
    const settle = result.then(
      () => (end.settled = true),
      () => (end.settled = true),
    );
    await this.listen(endedBy, end);
    if (this.interruption(endedBy) !== undefined) scope.cancel();
    try {
      await settle;
      const value = await result;
      // The step was quicker than its cancellation: the request stands all the same.
      const interrupted = this.interruption(endedBy);
      if (interrupted === undefined) {
        this.finish(name, 'Succeeded', say?.(value));
        return { kind: 'done', value };
      }
      this.finish(name, 'Cancelled');
      return { kind: interrupted };
    } catch (error) {
      if (isCancellation(error)) {
        this.finish(name, 'Cancelled');
        return { kind: this.interruption(endedBy) ?? 'cancelled' };
      }
      const failure = failureOf(error);
      this.finish(name, 'Failed', failure.message);
      return { kind: 'failed', failure };
    }
  }

  /** Until the step has ended, or something came that ends it. */
  private async listen(endedBy: EndedBy, end: { readonly settled: boolean }): Promise<void> {
    const hears = endedBy === 'requests';
    while (endedBy !== 'nothing' && this.interruption(endedBy) === undefined) {
      await condition(() => end.settled || this.isTold || (hears && this.dirty));
      if (end.settled) return;
      this.isTold = false;
      if (hears && this.dirty) await this.readRequests();
    }
  }

  private interruption(endedBy: EndedBy): 'cancelled' | 'superseded' | undefined {
    if (endedBy === 'requests' && this.requests.isCancelAsked) return 'cancelled';
    return endedBy !== 'nothing' && this.isOvertaken() ? 'superseded' : undefined;
  }

  async enter(
    phase: RolloutPhase,
    extra: Pick<RolloutRecord, 'failure' | 'wayBack' | 'awaits'> = {},
  ): Promise<void> {
    this.phase = phase;
    this.awaits = extra.awaits;
    if (extra.wayBack !== undefined) this.wayBack = extra.wayBack;
    upsertSearchAttributes([{ key: attributeKeys.phase, value: phase }]);
    if (passing.has(phase) && patched(patches.inPlace)) return;
    await this.record(extra.failure);
  }

  get isCancelAsked(): boolean {
    return this.requests.isCancelAsked;
  }

  /** @returns whether there was a confirmation to answer */
  answerConfirmation(): boolean {
    return this.requests.answerConfirmation();
  }

  /** A retry came while there was nothing to do again yet. */
  get isRetryAsked(): boolean {
    return this.requests.isRetryAsked;
  }

  /** @returns whether there was a retry to answer */
  answerRetry(asked: RolloutRequests): boolean {
    return this.requests.answerRetry(asked);
  }

  /**
   * Goes on after a retry. Said in any phase before anything is done: only from then on does the source start no other.
   * @returns the newer rollout that has begun meanwhile, if there is one
   * @throws RolloutGone
   */
  async resume(phase: RolloutPhase): Promise<string | undefined> {
    if (!patched(patches.checkedResume)) {
      await this.enter(phase);
      return undefined;
    }
    this.phase = phase;
    upsertSearchAttributes([{ key: attributeKeys.phase, value: phase }]);
    return this.record(undefined, { resumes: true });
  }

  /**
   * What is asked for now.
   * @throws RolloutGone
   */
  async readRequests(): Promise<RolloutRequests> {
    this.dirty = false;
    const asked = await rolloutRecords.readRequests(this.rollout, this.uid);
    if (asked.isGone === true) throw new RolloutGone();
    this.requests.hear(asked);
    return asked;
  }

  /** @throws RolloutGone */
  async record(failure?: Failure, extra: Pick<RolloutRecord, 'resumes'> = {}): Promise<string | undefined> {
    const recorded = await rolloutRecords.recordRollout(this.rollout, {
      phase: this.phase,
      steps: this.steps,
      ...(this.uid === undefined ? {} : { uid: this.uid }),
      handled: this.requests.handled,
      ...(failure === undefined ? {} : { failure }),
      ...(this.wayBack === undefined ? {} : { wayBack: this.wayBack }),
      ...(this.awaits === undefined ? {} : { awaits: this.awaits }),
      ...extra,
    });
    // Histories of before this was told have nothing there.
    if (recorded?.isGone === true) throw new RolloutGone();
    return recorded?.overtakenBy;
  }

  private finish(name: string, phase: 'Succeeded' | 'Failed' | 'Cancelled', message?: string): void {
    const last = this.steps.length - 1;
    this.steps = this.steps.map((step, index) =>
      index === last
        ? {
            ...step,
            phase,
            finishedAt: new Date().toISOString(),
            ...(message === undefined ? {} : { message: message.slice(0, 1_000) }),
          }
        : step,
    );
    this.timeline.add(name, phase === 'Succeeded' ? 'succeeded' : 'failed', message);
  }
}
