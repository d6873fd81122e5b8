import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isFinished, rolloutPhases } from '@samband/resources';
import { A, B, C, nameOf, s, rollout, decide, cases } from './decide-source.fixtures.js';
import { ROLLOUT_HISTORY } from './rollout-history.js';
import { inOrder, type RolloutView } from './rollout-order.js';

describe('decideSource', () => {
  it.each(Object.entries(cases))(
    '%s',
    (_sentence, { given, and = {}, create, start, supersede = [], nextCheckIn }) => {
      const decision = decide(given, and);
      if (create === undefined) expect(decision.create).toBeUndefined();
      else expect(decision.create).toMatchObject({ ...create, name: nameOf(create.commit, create.attempt) });
      expect(decision.start).toBe(start);
      expect(decision.supersede).toEqual(supersede);
      if (nextCheckIn !== undefined) expect(decision.nextCheckIn).toBe(nextCheckIn);
    },
  );

  it('notes with a new rollout what later decisions need', () => {
    const given = [rollout(B, 'Succeeded'), rollout(A, 'Succeeded', { createdAt: s(1001) })];
    const { create } = decide(given, {
      generation: 7,
      requests: { isSyncAsked: false, rollbackTo: nameOf(B) },
    });
    expect(create).toEqual({
      name: nameOf(B, 2),
      commit: B,
      attempt: 2,
      cause: 'rollback',
      head: A,
      generation: 7,
      sequence: 1,
      follows: nameOf(A),
      rollbackTo: nameOf(B),
    });
  });

  it('gives a new rollout the place after all others, those of namesakes too', () => {
    const given = [rollout(B, 'Succeeded', { sequence: 3 })];
    expect(decide(given).create).toMatchObject({ sequence: 4 });
    const ofNamesakes = [rollout(A, 'Succeeded', { sequence: 8 })];
    expect(decide(given, { ofNamesakes }).create).toMatchObject({ sequence: 9 });
    const last = rollout(B, 'Succeeded', { sequence: Number.MAX_SAFE_INTEGER });
    expect(decide([last]).create).toMatchObject({ sequence: Number.MAX_SAFE_INTEGER });
  });

  it('rolls out a head that came while a rollback was asked for, after the rollback', () => {
    const given = [rollout(B, 'Succeeded'), rollout(A, 'Succeeded', { createdAt: s(1001) })];
    const { create } = decide(given, {
      head: C,
      requests: { isSyncAsked: true, rollbackTo: nameOf(B) },
    });
    expect(create).toMatchObject({ commit: B, cause: 'rollback', head: A });
    const next = decide([...given, rollout(B, 'Pending', { ...create, createdAt: s(1002) })], {
      head: C,
      requests: { isSyncAsked: false, rollbackTo: nameOf(B) },
    });
    expect(next.create).toMatchObject({ commit: C, cause: 'head' });
    expect(next.supersede).toEqual([nameOf(B, 2)]);
  });

  it.each([
    ['does not exist', 'gone'],
    ['is RolledBack', nameOf(A)],
  ])('says why a rollback is not made when its target %s, and goes on', (why, rollbackTo) => {
    const decision = decide([rollout(A, 'RolledBack')], {
      head: B,
      requests: { isSyncAsked: false, rollbackTo },
    });
    expect(decision.refusedRollback).toContain(why);
    expect(decision.create).toMatchObject({ commit: B });
  });
});

describe('the history', () => {
  const many = (count: number, make: (index: number) => Partial<RolloutView>): RolloutView[] =>
    Array.from({ length: count }, (_, index) =>
      rollout(A, 'Succeeded', { attempt: index + 1, createdAt: s(index), ...make(index) }),
    );

  it('keeps fifty and forgets the oldest', () => {
    expect(decide(many(ROLLOUT_HISTORY, () => ({}))).forget).toEqual([]);
    expect(decide(many(ROLLOUT_HISTORY + 2, () => ({}))).forget).toEqual([nameOf(A, 1), nameOf(A, 2)]);
  });

  it('keeps the last good one, however old, and what is not finished', () => {
    const rollouts = many(ROLLOUT_HISTORY + 2, (index) => ({
      phase: index === 0 ? 'Succeeded' : index === 1 ? 'Applying' : 'RolledBack',
    }));
    expect(decide(rollouts).forget).toEqual([nameOf(A, 3), nameOf(A, 4)]);
  });

  it('forgets refusals that were only planned again before anything that tells something', () => {
    const rollouts = many(ROLLOUT_HISTORY + 2, (index) =>
      index < 40 ? {} : { phase: 'Refused', failure: 'missing', cause: index === 40 ? 'head' : 'missing' },
    );
    expect(decide(rollouts).forget).toEqual([nameOf(A, 41), nameOf(A, 42)]);
  });
});

describe('whatever happened before', () => {
  const view = fc
    .record({
      commit: fc.constantFrom(A, B, C),
      phase: fc.constantFrom(...rolloutPhases),
      failure: fc.option(fc.constantFrom('mistake', 'missing', 'later'), { nil: undefined }),
      createdAt: fc.integer({ min: 0, max: 5 }).map(s),
      sequence: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      isRetryAsked: fc.boolean(),
    })
    .map(({ failure, sequence, ...rest }) => ({
      ...rest,
      ...(failure === undefined ? {} : { failure }),
      ...(sequence === undefined ? {} : { sequence }),
    }));
  const history = fc
    .array(view, { maxLength: 8 })
    .map((views) =>
      views.map((one, index) => rollout(one.commit, one.phase, { ...one, attempt: index + 1 })),
    );

  it('a rollout that was made is not made again, and one at a time runs to its end', () => {
    fc.assert(
      fc.property(
        history,
        fc.constantFrom(A, B, C),
        fc.integer({ min: 1, max: 2 }),
        // Whatever the clock says that the API server stamps them by.
        fc.array(fc.integer({ min: 0, max: 10 }).map(s), { minLength: 1, maxLength: 4 }),
        (rollouts, head, generation, clock) => {
          let known = rollouts;
          // Everything that is decided is done, each time: the source must come to rest.
          for (let round = 0; round < 40; round++) {
            const { create, start, supersede } = decide(known, { head, generation, now: s(10) });
            if (create !== undefined) {
              const createdAt = clock[known.length % clock.length] ?? 0;
              known = [...known, { ...rollout(create.commit, 'Pending'), ...create, createdAt }];
              expect(inOrder(known).at(-1)?.name).toBe(create.name);
            }
            const running = known.find(({ name }) => name === start);
            if (create === undefined && running === undefined && supersede.length === 0) {
              expect(known.filter(({ phase }) => !isFinished(phase))).toEqual([]);
              const made = known.slice(rollouts.length);
              expect(made.length).toBeLessThanOrEqual(2);
              return;
            }
            known = known.map((one) =>
              supersede.includes(one.name)
                ? { ...one, phase: 'Superseded' }
                : one === running
                  ? { ...one, phase: 'Succeeded' }
                  : one,
            );
          }
          throw new Error('the source does not come to rest');
        },
      ),
      { numRuns: 500 },
    );
  });
});
