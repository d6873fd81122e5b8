import type { Greetings } from './greetings.js';

/** How often a broker is greeted that was well, and one that was not: that a thread hangs is certain within 30 s. */
export const greetingEveryMs = { well: 8_000, doubted: 1_000 } as const;
export const answerWithinMs = 5_000;
/** This process was late itself by so much: then the host is busy, and a round tells nothing. */
const lateMs = 1_000;

/** Rounds in a row: some of the new connections hang while others are served, or none is served, for more than 30 s. */
const roundsUntilCertain = { some: 2, all: 6 } as const;

/**
 * Judges the rounds of greetings of one broker. When only some are left without an answer, time is not what the host lacks:
 * that is a thread that hangs. When all are, the host may be busy, and gets more time.
 */
export class HangWatch {
  private readonly rounds = { some: 0, all: 0 };

  nextAfterMs(): number {
    return this.rounds.all > 0 ? greetingEveryMs.doubted : greetingEveryMs.well;
  }

  /** @returns what is wrong, once that is certain */
  judge({ answered, silent, tookMs }: Greetings): string | undefined {
    if (tookMs > answerWithinMs + lateMs) return undefined;
    this.rounds.some = silent > 0 && answered > 0 ? this.rounds.some + 1 : 0;
    this.rounds.all = silent > 0 ? this.rounds.all + 1 : 0;
    if (this.rounds.some < roundsUntilCertain.some && this.rounds.all < roundsUntilCertain.all)
      return undefined;
    return `${silent} of ${answered + silent} new connections got no answer within ${answerWithinMs / 1000} s, ${this.rounds.all} times in a row`;
  }
}
