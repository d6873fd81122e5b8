import { beforeEach, describe, expect, it } from '@jest/globals';
import { Requests } from './requests.js';

describe('requests of a rollout', () => {
  let requests: Requests;
  beforeEach(() => {
    requests = new Requests();
  });

  it('to cancel are answered when they are heard', () => {
    requests.hear({ cancel: 'stop' });
    expect(requests).toMatchObject({ isCancelAsked: true, handled: { cancel: 'stop' } });
  });

  it('to retry are left to whoever can answer them while there is nothing to do again', () => {
    requests.hear({ retry: 'now' });
    expect(requests).toMatchObject({ isRetryAsked: true, handled: {} });
    expect(requests.answerRetry({ retry: 'now' })).toBe(true);
    expect(requests).toMatchObject({ isRetryAsked: false, handled: { retry: 'now' } });
  });

  it('to confirm are answered once each, by whoever awaits them', () => {
    requests.hear({});
    expect(requests.answerConfirmation()).toBe(false);
    requests.hear({ confirm: 'd' });
    expect(requests.answerConfirmation()).toBe(true);
    expect(requests.answerConfirmation()).toBe(false);
    expect(requests.handled).toEqual({ confirm: 'd' });
  });

  it('to retry are answered once', () => {
    expect(requests.answerRetry({})).toBe(false);
    expect(requests.answerRetry({ retry: 'now' })).toBe(true);
    requests.hear({ retry: 'now' });
    expect(requests.isRetryAsked).toBe(false);
    expect(requests.answerRetry({ retry: 'now' })).toBe(false);
    expect(requests.answerRetry({ retry: 'again' })).toBe(true);
  });
});
