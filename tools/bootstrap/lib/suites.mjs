/** Jest suites of all projects, and the sum of what they report. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Sum */

/**
 * Folders of the workspace's projects, as the root package.json lists them.
 * @returns {string[]} relative to the root
 */
export function projects() {
  const { workspaces } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  /** @type {string[]} */
  const folders = workspaces.flatMap((/** @type {string} */ pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -2);
    return readdirSync(path.join(root, parent)).map((name) => `${parent}/${name}`);
  });
  return folders.filter((folder) => existsSync(path.join(root, folder, 'package.json')));
}

/**
 * Whether a project has suites of a kind: `*.real.spec.ts` need real servers, the other `*.spec.ts` nothing.
 * @param {'unit' | 'real'} kind
 * @param {string} project
 */
export function hasSuites(kind, project) {
  return specs(path.join(root, project)).some((file) => file.endsWith('.real.spec.ts') === (kind === 'real'));
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function specs(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return entry.name.endsWith('.spec.ts') ? [entry.name] : [];
    if (!entry.isDirectory() || entry.name === 'node_modules' || entry.name === 'dist') return [];
    return specs(path.join(folder, entry.name));
  });
}

/**
 * Sum of one Jest report. A suite that could not run counts as one failure, and so does a report that is
 * missing: whoever crashed before writing it did not pass.
 * @param {string | undefined} text
 * @returns {Sum}
 */
export function sumReport(text) {
  if (text === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(text);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * @param {readonly Sum[]} sums
 * @returns {Sum}
 */
export function total(sums) {
  return sums.reduce(
    (all, sum) => ({
      passed: all.passed + sum.passed,
      failed: all.failed + sum.failed,
      skipped: all.skipped + sum.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** @param {Sum} sum */
export function describe({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
