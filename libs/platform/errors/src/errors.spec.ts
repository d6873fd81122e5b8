import { describe, expect, it } from '@jest/globals';
import {
  errorCode,
  isRetryable,
  SambandError,
  toFailureOptions,
  toProblem,
  toReason,
  toSambandError,
} from './index.js';

describe('a failure', () => {
  it('is recognised by its code, whatever class it has', () => {
    const foreign = Object.assign(new Error('away'), { code: 'BROKER_UNAVAILABLE' });
    expect(errorCode(foreign)).toBe('BROKER_UNAVAILABLE');
    expect(toSambandError(foreign)).toMatchObject({
      code: 'BROKER_UNAVAILABLE',
      message: 'away',
      cause: foreign,
    });
  });

  it('of somebody else is INTERNAL, with its cause', () => {
    const cause = new TypeError('x is not a function');
    expect(toSambandError(cause)).toMatchObject({ code: 'INTERNAL', cause });
    expect(errorCode({ code: 'ENOENT' })).toBeUndefined();
    expect(errorCode({ code: 'toString' })).toBeUndefined();
  });

  it('may pass unless the catalogue says never; a defect may pass too', () => {
    expect(isRetryable(new SambandError('BROKER_UNAVAILABLE', ''))).toBe(true);
    expect(isRetryable(new SambandError('BROKER_REFUSED', ''))).toBe(false);
    expect(isRetryable(new Error('?'))).toBe(true);
  });
});

describe('the renderings of a failure', () => {
  const error = new SambandError('CONFLICT', 'is taken', { facts: { name: 'a' } });

  it('are a problem document for HTTP', () => {
    expect(toProblem(error, [{ path: 'spec.plan', message: 'is required' }])).toEqual({
      type: 'https://samband.dev/errors/conflict',
      title: 'Conflict',
      status: 409,
      code: 'CONFLICT',
      detail: 'is taken',
      errors: [{ path: 'spec.plan', message: 'is required' }],
    });
  });

  it('are a reason for Kubernetes', () => {
    expect(toReason('BROKER_START_FAILED')).toBe('BrokerStartFailed');
  });

  it('are an application failure for Temporal, final when the catalogue says never', () => {
    expect(toFailureOptions(error)).toEqual({
      type: 'CONFLICT',
      message: 'is taken',
      nonRetryable: true,
      details: [{ name: 'a' }],
    });
    expect(toFailureOptions(new SambandError('GIT_TIMEOUT', '')).nonRetryable).toBe(false);
  });
});
