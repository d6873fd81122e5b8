/**
 * What all `*.fuzz.spec.ts` share: each property runs until its time is over. Some tenths of a second are enough for
 * every commit; `SAMBAND_FUZZ_SECONDS=300 node tools/jest.mjs unit <project> fuzz` looks for longer. A failure
 * prints its seed.
 */
import { expect, jest } from '@jest/globals';

if (expect.getState().testPath?.endsWith('.fuzz.spec.ts') === true) {
  const seconds = Number(process.env.SAMBAND_FUZZ_SECONDS ?? '0.3');
  if (!(seconds > 0)) throw new Error('SAMBAND_FUZZ_SECONDS must be a number of seconds, such as 300');
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ numRuns: Infinity, interruptAfterTimeLimit: seconds * 1000 });
  // An input that takes the reader forever is a finding, too: the runner ends it.
  jest.setTimeout(seconds * 1000 + 30_000);
}
