import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Rollout } from '@samband/resources';
import { aRollout } from '@samband/testing';
import { toView } from '../source/rollout-view.js';
import { causeAnnotation, madeOf } from './made.js';

const noting = (text: string): Rollout =>
  aRollout({ metadata: { annotations: { [causeAnnotation]: text } } });

describe('why a rollout was made', () => {
  it('is read as it was written', () => {
    const made = {
      cause: 'rollback',
      head: 'a'.repeat(40),
      generation: 3,
      sequence: 7,
      source: 'c0ffee',
      follows: 'messaging-b-1',
      rollbackTo: 'messaging-a-1',
    };
    expect(madeOf(noting(JSON.stringify(made)))).toEqual(made);
    expect(madeOf(aRollout())).toEqual({});
  });

  it.each([
    ['no JSON', '{'],
    ['null', 'null'],
    ['a number', '7'],
    ['a text', '"cause"'],
    ['a list', '[{"cause":"head"}]'],
    ['an unknown cause', '{"cause":"whim"}'],
    ['a head that is no text', '{"head":7}'],
    ['an empty head', '{"head":""}'],
    ['a head without end', `{"head":"${'a'.repeat(254)}"}`],
    ['a generation that is no number', '{"generation":"2"}'],
    ['a generation that is no count', '{"generation":-1.5}'],
    ['a sequence beyond what can be counted', '{"sequence":1e300}'],
    ['a follower of nothing', '{"follows":null}'],
    ['a source that is no text', '{"source":{}}'],
    ['a target that is no text', '{"rollbackTo":["a"]}'],
  ])('counts as unknown when somebody wrote %s', (_, text) => {
    expect(madeOf(noting(text))).toEqual({});
  });

  it('keeps what is as we write it beside what is not', () => {
    expect(madeOf(noting('{"cause":"spec","head":null,"sequence":2,"more":1}'))).toEqual({
      cause: 'spec',
      sequence: 2,
    });
  });

  it('never keeps a source from being looked at, whatever somebody wrote', () => {
    const wrong = fc.record(
      Object.fromEntries(
        ['cause', 'head', 'generation', 'sequence', 'source', 'follows', 'rollbackTo'].map((name) => [
          name,
          fc.jsonValue({ maxDepth: 1 }),
        ]),
      ),
      { requiredKeys: [] },
    );
    const text = fc.oneof(
      fc.string(),
      fc.json({ maxDepth: 2 }),
      wrong.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(text, (value) => {
        const {
          cause,
          head,
          generation,
          sequence = 1,
          follows = '',
          rollbackTo = '',
        } = toView(noting(value));
        expect([cause, head, follows, rollbackTo].map((one) => typeof one)).toEqual(
          Array.from({ length: 4 }, () => 'string'),
        );
        expect([generation, sequence].every((one) => Number.isSafeInteger(one) && one > 0)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
