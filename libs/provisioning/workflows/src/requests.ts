import type { RolloutRecord, RolloutRequests } from '@samband/contract';

/** What was asked of a rollout by annotations, and what of that was answered. */
export class Requests {
  /** Once asked, every step before the commit point ends as cancelled. */
  isCancelAsked = false;
  /** Asked for while there was nothing to do again yet. */
  isRetryAsked = false;
  private confirmed: string | undefined;
  private answered: NonNullable<RolloutRecord['handled']> = {};

  get handled(): NonNullable<RolloutRecord['handled']> {
    return this.answered;
  }

  /** A retry stays unanswered: once the rollout has ended, the source answers it. */
  hear({ cancel, retry, confirm }: RolloutRequests): void {
    this.confirmed = confirm;
    this.isRetryAsked = retry !== undefined && retry !== this.answered.retry;
    if (cancel === undefined || cancel === this.answered.cancel) return;
    this.isCancelAsked = true;
    this.answered = { ...this.answered, cancel };
  }

  /** By one that awaits it. @returns whether there was one to answer; whether it is of the right plan, the plan says */
  answerConfirmation(): boolean {
    if (this.confirmed === undefined || this.confirmed === this.answered.confirm) return false;
    this.answered = { ...this.answered, confirm: this.confirmed };
    return true;
  }

  /** By one that is stuck. @returns whether there was one to answer */
  answerRetry({ retry }: RolloutRequests): boolean {
    if (retry === undefined || retry === this.answered.retry) return false;
    this.isRetryAsked = false;
    this.answered = { ...this.answered, retry };
    return true;
  }
}
