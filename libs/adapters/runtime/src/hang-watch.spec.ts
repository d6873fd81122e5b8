import { describe, expect, it } from '@jest/globals';
import { HangWatch } from './hang-watch.js';

const fine = { answered: 16, silent: 0, tookMs: 20 };
const someHang = { answered: 12, silent: 4, tookMs: 5010 };
const noneServed = { answered: 0, silent: 16, tookMs: 5010 };

function judged(...rounds: (typeof fine)[]): (string | undefined)[] {
  const watch = new HangWatch();
  return rounds.map((round) => watch.judge(round));
}

describe('a broker that is greeted', () => {
  it('hangs when some new connections are served and others are not, twice in a row', () => {
    expect(judged(fine, someHang, someHang)).toEqual([
      undefined,
      undefined,
      '4 of 16 new connections got no answer within 5 s, 2 times in a row',
    ]);
  });

  it('is left alone after one bad round: a pause is no hang', () => {
    expect(judged(someHang, fine, someHang, fine)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('gets more time when none is served: the host itself may be busy', () => {
    const rounds = judged(...Array.from({ length: 6 }, () => noneServed));
    expect(rounds.slice(0, 5).every((round) => round === undefined)).toBe(true);
    expect(rounds[5]).toContain('16 of 16');
  });

  it('hangs no less when all are silent between rounds in which some are', () => {
    const rounds = judged(someHang, noneServed, someHang, noneServed, someHang, noneServed);
    expect(rounds.at(-1)).toContain('6 times in a row');
  });

  it('is not judged by rounds in which this process was late itself', () => {
    const late = { ...someHang, tookMs: 8000 };
    expect(judged(late, late, late, late)).toEqual([undefined, undefined, undefined, undefined]);
  });
});
