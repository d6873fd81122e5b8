import type { RolloutRecord, RolloutRequests } from '@samband/contract';

/** What was asked of a rollout by annotations, and what of that was answered. */
export class Requests {
  /** Once asked, every step before the commit point ends as cancelled. */
  isCancelAsked = false;
  /** Asked for while there was nothing to do again yet. */
  isRetryAsked = false;
  private answered: NonNullable<RolloutRecord['handled']> = {};

  get handled(): NonNullable<RolloutRecord['handled']> {
    return this.answered;
  }

  /** A retry stays unanswered: once the rollout has ended, the source answers it. */
  hear({ cancel, retry }: RolloutRequests): void {
    this.isRetryAsked = retry !== undefined && retry !== this.answered.retry;
    if (cancel === undefined || cancel === this.answered.cancel) return;
    this.isCancelAsked = true;
    this.answered = { ...this.answered, cancel };
  }

  /** By one that is stuck. @returns whether there was one to answer */
  answerRetry({ retry }: RolloutRequests): boolean {
    if (retry === undefined || retry === this.answered.retry) return false;
    this.isRetryAsked = false;
    this.answered = { ...this.answered, retry };
    return true;
  }
}
