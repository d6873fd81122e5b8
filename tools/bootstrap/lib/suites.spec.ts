import { describe, expect, it } from '@jest/globals';
import { describe as words, sumReport, total } from './suites.mjs';

const report = (more: object): string =>
  JSON.stringify({
    numPassedTests: 3,
    numFailedTests: 0,
    numRuntimeErrorTestSuites: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    ...more,
  });

describe('the sum of all suites', () => {
  it('counts a suite that could not run, and a report that was never written, as failures', () => {
    expect(sumReport(report({ numRuntimeErrorTestSuites: 2 }))).toEqual({ passed: 3, failed: 2, skipped: 0 });
    expect(sumReport(undefined)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('counts tests that were put off as skipped', () => {
    expect(sumReport(report({ numPendingTests: 1, numTodoTests: 1 })).skipped).toBe(2);
  });

  it('is one line of three numbers', () => {
    const sum = total([
      sumReport(report({})),
      sumReport(report({ numFailedTests: 1 })),
      sumReport(undefined),
    ]);
    expect(words(sum)).toBe('6 passed, 2 failed, 0 skipped');
  });
});
