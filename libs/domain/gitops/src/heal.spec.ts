import { describe, expect, it } from '@jest/globals';
import { A, B, decide, nameOf, rollout, s } from './decide-source.fixtures.js';
import type { RolloutView } from './rollout-order.js';

const drift = { commit: A, resources: ['Address team/app.orders'] };

/** A rollout that put this back at that second. */
function heal(attempt: number, second: number, rest: Partial<RolloutView> = {}): RolloutView {
  const times = { createdAt: s(second - 2), finishedAt: s(second) };
  const made = { attempt, sequence: attempt, cause: 'drift', head: A } as const;
  return rollout(A, 'Succeeded', { ...made, ...times, resources: drift.resources, ...rest });
}

const good = rollout(A, 'Succeeded', { sequence: 1, finishedAt: s(1) });
const row = (count: number, rest: Partial<RolloutView> = {}): RolloutView[] =>
  Array.from({ length: count }, (_, index) => heal(index + 2, 800 + index * 10, rest));

describe('what is no longer as the commit in force declares', () => {
  it('is put back by another attempt at that commit', () => {
    expect(decide([good], { drift })).toMatchObject({
      create: { name: nameOf(A, 2), commit: A, cause: 'drift', head: A, follows: nameOf(A) },
      start: nameOf(A, 2),
    });
  });

  it('is put back while the repository does not answer', () => {
    expect(decide([good], { drift, head: undefined }).create).toMatchObject({ commit: A, cause: 'drift' });
  });

  it('is left while the source is suspended', () => {
    expect(decide([good], { drift, isSuspended: true })).not.toHaveProperty('create');
  });

  it('is put back by a newer head that comes at the same time', () => {
    expect(decide([good], { drift, head: B }).create).toMatchObject({ commit: B, cause: 'head' });
  });

  it('is put back to the last good commit under a head that was refused, which stays refused', () => {
    const refused = rollout(B, 'Refused', { failure: 'mistake', sequence: 2, createdAt: s(2) });
    const { create } = decide([good, refused], { drift, head: B });
    expect(create).toMatchObject({ commit: A, cause: 'drift', head: B });
    const healed = heal(2, 900, { sequence: 3, head: B });
    expect(decide([good, refused, healed], { head: B })).not.toHaveProperty('create');
  });

  it('does not keep a head that lacks something from being planned again', () => {
    const refused = rollout(B, 'Refused', { failure: 'missing', sequence: 2, finishedAt: s(500) });
    const healed = heal(2, 990, { sequence: 3, head: B });
    expect(decide([good, refused, healed], { head: B }).create).toMatchObject({
      commit: B,
      cause: 'missing',
    });
  });

  it('does not make a changed spec forget what it is about', () => {
    const refused = rollout(B, 'Refused', { failure: 'mistake', sequence: 2 });
    const healing = heal(2, 990, { sequence: 3, head: B, phase: 'Planned' });
    expect(decide([good, refused, healing], { head: B, generation: 2 })).toMatchObject({
      create: { commit: B, cause: 'spec' },
      supersede: [healing.name],
    });
  });

  it('waits for somebody where the way back is stuck', () => {
    expect(decide([good, heal(2, 900, { phase: 'Failed' })], { drift })).not.toHaveProperty('create');
  });

  it('is put back at once eight times in a row, then later each time, and no row is endless', () => {
    expect(decide([good, ...row(7)], { drift }).create).toMatchObject({ cause: 'drift' });
    const waits = [8, 9, 10, 11, 12, 20].map((count) => {
      const all = row(count);
      const decision = decide([good, ...all], { drift, now: all.at(-1)!.finishedAt! });
      expect(decision).not.toHaveProperty('create');
      expect(decision.repeatedDrift).toBe(count);
      return decision.nextCheckIn;
    });
    expect(waits).toEqual([30, 60, 120, 300, 300, 300]);
    const ended = row(8).at(-1)!.finishedAt!;
    expect(decide([good, ...row(8)], { drift, now: ended + s(30) }).create).toMatchObject({ cause: 'drift' });
  });

  it('is put back at once when asked to look, and after an hour of quiet', () => {
    const all = row(20);
    const now = all.at(-1)!.finishedAt!;
    const asked = { isSyncAsked: true };
    expect(decide([good, ...all], { drift, now, requests: asked })).toHaveProperty('create');
    expect(decide([good, ...all], { drift, now: now + s(600) })).toHaveProperty('create');
  });

  it('is put back at once where it is another object than those that were', () => {
    const others = row(20, { resources: ['Address team/app.others'] });
    expect(decide([good, ...others], { drift, now: others.at(-1)!.finishedAt! })).toHaveProperty('create');
  });

  it('that could not be put back is tried again later each time', () => {
    const failed = row(3, { phase: 'RolledBack', failure: 'later' });
    const now = failed.at(-1)!.finishedAt!;
    expect(decide([good, ...failed], { drift, now })).toMatchObject({ nextCheckIn: 120, repeatedDrift: 3 });
    expect(decide([good, ...failed], { drift, now: now + s(120) })).toHaveProperty('create');
  });
});
