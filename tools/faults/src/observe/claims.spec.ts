import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@samband/resources';
import { untrue } from './claims.js';

const rollout = (phase: string, more: object = {}): KubeObject => ({
  apiVersion: 'samband.dev/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'r', namespace: 'team', uid: 'u' },
  status: { phase, ...more },
});
const over = { finishedAt: '2026-01-01T00:00:00Z' };
const address = (generation: number, observedGeneration: number, ready: boolean, more = {}): KubeObject => ({
  apiVersion: 'enmasse.io/v1beta1',
  kind: 'Address',
  metadata: { name: 'a', namespace: 'team', uid: 'u', generation },
  status: {
    observedGeneration,
    isReady: ready,
    phase: ready ? 'Active' : 'Configuring',
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', reason: '', message: '' }],
    ...more,
  },
});
const running = [{ name: 'apply', phase: 'Running' }];
const applied = [{ name: 'apply', phase: 'Succeeded' }];

describe('a status', () => {
  it.each([
    ['a rollout that goes on', rollout('Applying'), rollout('Verifying')],
    ['a rollout of which steps were missed', rollout('Pending'), rollout('Succeeded', over)],
    ['a stuck one that is tried again', rollout('Failed', over), rollout('RollingBack')],
    ['an address that is looked at anew', address(1, 1, true), address(2, 1, true)],
    [
      'another object of the same name',
      { ...address(1, 1, true), metadata: { name: 'a' } },
      address(1, 0, false),
    ],
  ])('may tell of %s', (_, before, after) => {
    expect(untrue(before, after)).toEqual([]);
  });

  it.each([
    ['goes back', rollout('Verifying'), rollout('Applying'), 'went from Verifying to Applying'],
    [
      'comes back from its end',
      rollout('Succeeded', over),
      rollout('RollingBack', over),
      'went from Succeeded',
    ],
    ['ends twice', rollout('Refused', over), rollout('Refused', { finishedAt: 'later' }), 'ended twice'],
    ['ends without saying when', undefined, rollout('Succeeded'), 'is Succeeded without a time'],
    ['ends at work', undefined, rollout('Succeeded', { ...over, steps: running }), 'with a step that runs'],
    [
      'takes back what it did',
      rollout('Applying', { steps: applied }),
      rollout('Applying', { steps: running }),
      'took back that step apply Succeeded',
    ],
    ['knows the future', undefined, address(1, 2, true), 'tells of generation 2'],
    ['forgets', address(2, 2, true), address(2, 1, true), 'forgot generation 2'],
    ['says two things', undefined, address(1, 1, true, { isReady: false }), 'isReady is false, Ready true'],
    ['says two other things', undefined, address(1, 1, false, { phase: 'Active' }), 'phase is Active'],
  ])('that %s is noticed', (_, before, after, complaint) => {
    expect(untrue(before, after)).toEqual([expect.stringContaining(complaint)]);
  });
});
