/** Makes a fresh clone ready to run: looks for what is there, makes what is not, once, with progress. */
import path from 'node:path';
import { findArtemis, installArtemis, artemis } from './artemis.mjs';
import { assetsFolder, binaries, buildBinary, findBinary } from './binaries.mjs';
import { withLock } from './lock.mjs';
import { cacheDir } from './paths.mjs';
import { checkPrerequisites } from './prerequisites.mjs';
import { runSteps } from './progress.mjs';
import { BootstrapError } from './run.mjs';
import { build, buildFresh, installPackages, packagesFresh } from './workspace.mjs';

/**
 * Installs and builds what is missing, and points KUBEBUILDER_ASSETS, TEMPORAL_CLI, ARTEMIS_HOME and
 * SAMBAND_CACHE_DIR of this process at what was found.
 * @param {readonly string[]} [tools] folders of tools that are compiled beside the stack
 */
export async function prepare(tools = []) {
  const cache = cacheDir();
  const missing = await look(cache, tools);
  await checkPrerequisites({ go: missing.binaries.length > 0 });
  if (missing.any) {
    await withLock(
      path.join(cache, 'prepare.lock'),
      async () => runSteps(steps(await look(cache, tools), cache, tools)),
      (owner) => console.log(`Process ${owner} is preparing the same things; waiting for it.`),
    );
  }
  const found = await look(cache, tools);
  // Not whether the sources changed while they were compiled: that is for the next run.
  if (found.binaries.length > 0 || found.artemis === undefined || !found.packages) {
    throw new BootstrapError(
      'what was just made is not there',
      'run it again; nothing else may clean the cache meanwhile',
    );
  }
  const temporal = found.files.get('temporal');
  found.files.delete('temporal');
  process.env.KUBEBUILDER_ASSETS = await assetsFolder(found.files, cache);
  process.env.TEMPORAL_CLI = temporal;
  process.env.ARTEMIS_HOME = found.artemis;
  process.env.SAMBAND_CACHE_DIR = cache;
}

/**
 * @param {string} cache
 * @param {readonly string[]} tools
 */
async function look(cache, tools) {
  const [found, artemisHome, packages] = await Promise.all([
    Promise.all(binaries.map(async (binary) => ({ binary, file: await findBinary(binary, cache) }))),
    findArtemis(cache),
    packagesFresh(),
  ]);
  const built = packages && (await buildFresh(tools));
  /** @type {Map<string, string>} */
  const files = new Map();
  for (const { binary, file } of found) if (file !== undefined) files.set(binary.name, file);
  const missing = found.filter(({ file }) => file === undefined).map(({ binary }) => binary);
  const any = missing.length > 0 || artemisHome === undefined || !packages || !built;
  return { files, binaries: missing, artemis: artemisHome, packages, built, any };
}

/**
 * @param {Awaited<ReturnType<typeof look>>} missing
 * @param {string} cache
 * @param {readonly string[]} tools
 * @returns {import('./progress.mjs').Step[]}
 */
function steps(missing, cache, tools) {
  const list = [];
  if (!missing.packages) {
    list.push({ key: 'packages', title: 'Installing npm packages', run: installPackages });
  }
  if (missing.artemis === undefined) {
    list.push({
      key: 'artemis',
      title: `Fetching Apache ActiveMQ Artemis ${artemis.version}`,
      run: (/** @type {(detail: string) => void} */ say) => installArtemis(cache, say),
    });
  }
  for (const binary of missing.binaries) {
    list.push({
      key: binary.name,
      title: `Building ${binary.name}`,
      run: (/** @type {(detail: string) => void} */ say) => buildBinary(binary, cache, say),
    });
  }
  if (!missing.built) {
    list.push({
      key: 'workspace',
      title: 'Compiling Samband',
      run: (/** @type {(detail: string) => void} */ say) => build(say, tools),
    });
  }
  return list;
}

/**
 * Runs a command of the repository; a failure is told in its own words, never as a stack.
 * @param {() => Promise<void>} main
 */
export async function command(main) {
  try {
    await main();
  } catch (error) {
    if (error instanceof BootstrapError) {
      console.error(`\n${error.message}`);
      if (error.mend !== undefined) console.error(error.mend);
    } else {
      console.error(error);
    }
    process.exitCode = 1;
  }
}
