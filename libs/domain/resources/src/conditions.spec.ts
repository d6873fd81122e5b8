import { describe, expect, it } from '@jest/globals';
import { setCondition, setStanding } from './conditions.js';
import type { Condition } from './object.js';

const before = '2026-01-01T00:00:00Z';
const now = '2026-01-02T00:00:00Z';
const ready = (status: Condition['status'], reason: string): Omit<Condition, 'lastTransitionTime'> => ({
  type: 'Ready',
  status,
  reason,
  message: reason,
});

describe('setCondition', () => {
  it('adds the first of its type', () => {
    expect(setCondition(undefined, ready('True', 'Ready'), now)).toEqual([
      { ...ready('True', 'Ready'), lastTransitionTime: now },
    ]);
  });

  it('keeps the time of the last transition while the status stays', () => {
    const first = setCondition([], ready('False', 'Pending'), before);
    expect(setCondition(first, ready('False', 'UnknownPlan'), now)).toEqual([
      { ...ready('False', 'UnknownPlan'), lastTransitionTime: before },
    ]);
  });

  it('moves the time when the status changes', () => {
    const first = setCondition([], ready('False', 'Pending'), before);
    expect(setCondition(first, ready('True', 'Ready'), now)[0]?.lastTransitionTime).toBe(now);
  });

  it('leaves other conditions and their order alone', () => {
    const other: Condition = {
      type: 'Stalled',
      status: 'False',
      reason: 'Ready',
      message: '',
      lastTransitionTime: before,
    };
    const all = setCondition(
      setCondition([other], ready('True', 'Ready'), before),
      ready('False', 'Pending'),
      now,
    );
    expect(all.map(({ type }) => type)).toEqual(['Stalled', 'Ready']);
    expect(all[0]).toBe(other);
  });

  it('cuts messages to what the schema admits', () => {
    const [condition] = setCondition([], { ...ready('True', 'Ready'), message: 'x'.repeat(40_000) }, now);
    expect(condition?.message).toHaveLength(32_768);
  });
});

describe('setStanding', () => {
  const judgement = { reason: 'Because', message: 'why', observedGeneration: 3 };
  const said = (conditions: readonly Condition[]): string[] =>
    conditions.map(({ type, status }) => `${type}=${status}`);

  it.each([
    ['ready', ['Ready=True']],
    ['reconciling', ['Ready=False', 'Reconciling=True']],
    ['stalled', ['Ready=False', 'Stalled=True']],
    ['waiting', ['Ready=False']],
  ] as const)('says %s with %j, whatever was said before', (standing, expected) => {
    const earlier = (['ready', 'reconciling', 'stalled', 'waiting'] as const).map((one) =>
      setStanding([], { ...judgement, standing: one }, before),
    );
    for (const conditions of [undefined, ...earlier]) {
      const set = setStanding(conditions, { ...judgement, standing }, now);
      expect(said(set)).toEqual(expected);
      expect(set).toMatchObject(expected.map(() => judgement));
    }
  });

  it('keeps conditions of other types, and the time since when it stands so', () => {
    const parked = {
      type: 'Parked',
      status: 'True',
      reason: 'x',
      message: '',
      lastTransitionTime: before,
    } as const;
    const first = setStanding([parked], { ...judgement, standing: 'stalled' }, before);
    const again = setStanding(first, { ...judgement, standing: 'stalled', message: 'still' }, now);
    expect(said(again)).toEqual(['Parked=True', 'Ready=False', 'Stalled=True']);
    expect(again.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([before, before, before]);
  });
});
