import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import type { Failure } from '@samband/contract';

/** What an activity's failure means, in the words of the error catalogue. */
export function failureOf(error: unknown): Failure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    return {
      code: cause.type ?? 'INTERNAL',
      message: cause.message,
      retry: cause.nonRetryable === true ? 'never' : 'later',
    };
  }
  if (cause instanceof TimeoutFailure) {
    return cause.timeoutType === 'SCHEDULE_TO_START'
      ? {
          code: 'HOST_UNAVAILABLE',
          message: "no worker on the broker's host answers; start the worker there",
          retry: 'later',
        }
      : { code: 'STEP_TIMEOUT', message: 'the step took longer than it may', retry: 'later' };
  }
  return {
    code: 'INTERNAL',
    message: error instanceof Error ? error.message : 'unknown failure',
    retry: 'later',
  };
}
