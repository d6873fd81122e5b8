/**
 * Runs one project's Jest suites: `node tools/jest.mjs <unit|real> <projectRoot> [jest options]`.
 *
 * `unit` are the `*.spec.ts` files (milliseconds, no server); `real` are the `*.real.spec.ts` files, which
 * start the server they need (kube-apiserver, Temporal, Artemis) and run one file at a time.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const [kind, projectRoot, ...rest] = process.argv.slice(2);
if ((kind !== 'unit' && kind !== 'real') || projectRoot === undefined) {
  console.error('usage: node tools/jest.mjs <unit|real> <projectRoot> [jest options]');
  process.exit(2);
}
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { preset } = await import(path.join(root, 'jest.preset.mjs'));
const config = {
  ...preset,
  rootDir: path.resolve(projectRoot),
  testMatch: kind === 'real' ? ['**/*.real.spec.ts'] : ['**/!(*.real).spec.ts'],
  // A unit test takes milliseconds; only a machine that is very busy lets one wait.
  testTimeout: kind === 'real' ? 120_000 : 30_000,
};
const jest = path.join(
  path.dirname(createRequire(import.meta.url).resolve('jest/package.json')),
  'bin/jest.js',
);
const reports = process.env.SAMBAND_TEST_REPORTS;
const result = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    jest,
    '--config',
    JSON.stringify(config),
    '--passWithNoTests',
    ...(kind === 'real' ? ['--runInBand'] : []),
    ...(reports === undefined
      ? []
      : ['--json', `--outputFile=${path.join(reports, `${kind}-${projectRoot.replaceAll('/', '-')}.json`)}`]),
    ...rest,
  ],
  { stdio: 'inherit', cwd: root },
);
process.exit(result.status ?? 1);
