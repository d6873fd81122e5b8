/**
 * Judges what others wrote by `supply-chain.json`: `node supply-chain.mjs lock|licences|weaknesses`. Exit codes:
 * 0 good, 1 not good, 75 (`EX_TEMPFAIL`) could not be done; the last line says what was looked at.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { bootstrapDir, root } from './lib/paths.mjs';
import { command } from './lib/prepare.mjs';
import { BootstrapError } from './lib/run.mjs';
import { isOwn, licensed, npmAudit, npmSbom } from './lib/supply-chain-npm.mjs';
import { auditProblems, licenceProblems, lockProblems } from './lib/supply-chain-rules.mjs';
import { goPart } from './lib/supply-chain-sbom.mjs';

/** @type {import('./lib/supply-chain-rules.mjs').Policy} */
const policy = JSON.parse(await readFile(path.join(bootstrapDir, 'supply-chain.json'), 'utf8'));

const checks = /** @type {const} */ ({ lock, licences, weaknesses });

await command(async () => {
  const check = checks[/** @type {keyof typeof checks} */ (process.argv[2] ?? '')];
  if (check === undefined) throw new Error(`usage: supply-chain.mjs ${Object.keys(checks).join('|')}`);
  await check();
});

async function lock() {
  const text = await readFile(path.join(root, 'package-lock.json'), 'utf8');
  const problems = lockProblems(JSON.parse(text));
  tell(problems, `${Object.keys(JSON.parse(text).packages).length} entries`);
}

async function licences() {
  const packages = (await npmSbom()).components.filter((component) => !isOwn(component)).map(licensed);
  const { modules, missing } = await goModules();
  // The texts of Go modules are only where the binaries were built; of others nothing is claimed.
  const known = modules.filter(({ licence }) => licence !== undefined);
  const looked = `${packages.length} npm packages, ${known.length} of ${modules.length} Go modules${missing}`;
  tell(licenceProblems([...packages, ...known], policy.licences), looked);
}

/** Whoever brings binaries of their own needs no Go here: then it is said that nothing was looked at. */
async function goModules() {
  try {
    const components = (await goPart()).flatMap((part) => part.components);
    const byRef = new Map(components.map((component) => [component.purl, licensed(component)]));
    return { modules: [...byRef.values()], missing: '' };
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    return { modules: [], missing: ` (${error.message})` };
  }
}

async function weaknesses() {
  const today = new Date().toISOString().slice(0, 10);
  const audit = auditProblems(await npmAudit(), policy.advisories, today);
  if (audit.done) return tell(audit.problems, 'npm packages that run in production');
  console.log(`the registry did not say what is known: ${audit.why}`);
  process.exitCode = 75;
}

/**
 * @param {readonly string[]} problems
 * @param {string} looked
 */
function tell(problems, looked) {
  for (const problem of problems) console.log(problem);
  if (problems.length > 0) process.exitCode = 1;
  console.log(looked);
}
