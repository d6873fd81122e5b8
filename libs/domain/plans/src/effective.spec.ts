import { describe, expect, it } from '@jest/globals';
import { effectiveRedelivery, effectiveTtl } from './effective.js';

describe('effectiveTtl', () => {
  it.each([
    ['nothing of both is nothing', undefined, undefined, undefined],
    ['empty ones are nothing', {}, {}, undefined],
    ['the plan alone', { maximum: 10 }, undefined, { maximum: 10 }],
    ['the address alone', undefined, { minimum: 5 }, { minimum: 5 }],
    ['the address lowers the maximum', { maximum: 10 }, { maximum: 5 }, { maximum: 5 }],
    ['the address cannot raise the maximum', { maximum: 10 }, { maximum: 50 }, { maximum: 10 }],
    ['the address raises the minimum', { minimum: 5 }, { minimum: 7 }, { minimum: 7 }],
    ['the address cannot lower the minimum', { minimum: 5 }, { minimum: 1 }, { minimum: 5 }],
    ['one bound of each', { minimum: 5 }, { maximum: 10 }, { minimum: 5, maximum: 10 }],
    ['values below 1 are ignored', { minimum: 0, maximum: -1 }, { maximum: 10 }, { maximum: 10 }],
    ['a pair the wrong way round is ignored', { minimum: 10, maximum: 10 }, { maximum: 7 }, { maximum: 7 }],
    [
      'an address that leaves nothing of the plan is ignored',
      { minimum: 5, maximum: 10 },
      { maximum: 3 },
      { minimum: 5, maximum: 10 },
    ],
  ])('%s', (_, plan, address, result) => {
    expect(effectiveTtl(plan, address)).toEqual(result);
  });
});

describe('effectiveRedelivery', () => {
  it.each([
    ['nothing of both is nothing', undefined, {}, undefined],
    ['the plan alone', { redeliveryDelay: 5 }, undefined, { redeliveryDelay: 5 }],
    [
      'the address overrides field by field',
      { redeliveryDelay: 5, maximumDeliveryAttempts: 10 },
      { maximumDeliveryAttempts: -1, redeliveryDelayMultiplier: 1.5 },
      { redeliveryDelay: 5, maximumDeliveryAttempts: -1, redeliveryDelayMultiplier: 1.5 },
    ],
  ])('%s', (_, plan, address, result) => {
    expect(effectiveRedelivery(plan, address)).toEqual(result);
  });
});
