/**
 * `npm test`: everything that decides whether a change is good. Format, lint and types; the unit suites; the
 * suites against real servers, one after another; end to end last. The last line is the sum.
 *
 * `npm test -- <project folder>…` runs only the suites of these.
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { root } from './lib/paths.mjs';
import { command, prepare } from './lib/prepare.mjs';
import { duration } from './lib/progress.mjs';
import { describe, hasSuites, projects, sumReport, total } from './lib/suites.mjs';

const bin = path.join(root, 'node_modules/.bin');
const reports = path.join(root, 'node_modules/.cache/samband/reports');
const endToEnd = 'apps/e2e';
/** `EX_TEMPFAIL`. */
const notDone = 75;
const only = process.argv.slice(2).map((folder) => folder.replace(/\/+$/, ''));
/** @type {import('./lib/suites.mjs').Sum[]} */
const sums = [];
let ok = true;

await command(async () => {
  await prepare();
  await rm(reports, { recursive: true, force: true });
  await mkdir(reports, { recursive: true });
  if (only.length === 0) await checks();
  const all = [...projects(), 'tools/bootstrap'].filter(
    (project) => only.length === 0 || only.includes(project),
  );
  await pooled(
    all.filter((project) => hasSuites('unit', project)).map((project) => () => suite('unit', project)),
    Math.max(1, Math.min(4, availableParallelism())),
  );
  const real = all.filter((project) => hasSuites('real', project));
  real.sort((a, b) => Number(a === endToEnd) - Number(b === endToEnd));
  for (const project of real) await suite('real', project);
});
// What ended the run early has been told; it must not look like a pass in the last line either.
if (process.exitCode === 1) sums.push({ passed: 0, failed: 1, skipped: 0 });
const sum = total(sums);
if (!ok || sum.failed > 0) process.exitCode = 1;
console.log(describe(sum));

async function checks() {
  await check('format', path.join(bin, 'prettier'), ['--check', '--log-level=warn', '.']);
  await check('lint', path.join(bin, 'nx'), [
    'run-many',
    '-t',
    'lint',
    '--outputStyle=static',
    '--skip-sync',
  ]);
  await check('lint of the bootstrap', path.join(bin, 'eslint'), ['--max-warnings', '0', 'tools/bootstrap']);
  await check('project references', path.join(bin, 'nx'), ['sync:check']);
  await check('types', path.join(bin, 'tsc'), ['-b']);
  await check('types of the bootstrap', path.join(bin, 'tsc'), ['-p', 'tools/bootstrap']);
  await supplyChain('lock file', 'lock');
  await supplyChain('licences', 'licences');
  await supplyChain('known weaknesses', 'weaknesses');
  await check('bill of materials', process.execPath, ['tools/bootstrap/sbom.mjs'], true);
}

/**
 * @param {string} name
 * @param {string} what
 */
async function supplyChain(name, what) {
  await check(name, process.execPath, ['tools/bootstrap/supply-chain.mjs', what], true);
}

/**
 * A check without tests of its own: it counts only when it fails. What cannot be done here, since a service
 * does not answer, is told and does not count.
 * @param {string} name
 * @param {string} program
 * @param {string[]} args
 * @param {boolean} [tells] whether the output is worth a look when all is good
 */
async function check(name, program, args, tells = false) {
  const began = Date.now();
  console.log(`${name} …`);
  const { code, output } = await run(program, args);
  const failed = code !== 0 && code !== notDone;
  if (failed) {
    ok = false;
    sums.push({ passed: 0, failed: 1, skipped: 0 });
    console.log(output);
  }
  const verdict = failed ? 'FAILED' : code === notDone ? 'NOT DONE' : 'good';
  const told = tells && !failed ? `, ${output.trim()}` : '';
  console.log(`${name}: ${verdict} (${duration(Date.now() - began)})${told}`);
}

/**
 * @param {'unit' | 'real'} kind
 * @param {string} project
 */
async function suite(kind, project) {
  const name = `${kind} ${project}`;
  const began = Date.now();
  if (kind === 'real') console.log(`${name} …`);
  const { code, output } = await run(process.execPath, ['tools/jest.mjs', kind, project]);
  const report = path.join(reports, `${kind}-${project.replaceAll('/', '-')}.json`);
  const found = sumReport(await readFile(report, 'utf8').catch(() => undefined));
  if (code !== 0 && found.failed === 0) found.failed = 1; // It passed and then crashed: an open handle, say.
  sums.push(found);
  if (found.failed > 0) console.log(output);
  console.log(`${name}: ${describe(found)} (${duration(Date.now() - began)})`);
}

/**
 * @param {(() => Promise<void>)[]} jobs
 * @param {number} width
 */
async function pooled(jobs, width) {
  const queue = [...jobs];
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) await job();
    }),
  );
}

/**
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<{ code: number, output: string }>}
 */
function run(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: {
        ...process.env,
        SAMBAND_TEST_REPORTS: reports,
        NX_DAEMON: 'false',
        NX_TUI: 'false',
        FORCE_COLOR: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
