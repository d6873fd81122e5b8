import { choose } from './choose.js';
import { readOptions, usage, type Options } from './options.js';
import { createRandom } from './random.js';
import { runScenario, type Result } from './run.js';
import { scenarios } from './scenarios.js';
import { countFaults, table } from './table.js';
import { openWorld } from './world.js';

/** Breaks a stack in every way we know. The process ends with code 0 only when everything survived. */
export async function faults(args: readonly string[]): Promise<void> {
  const options = understood(args);
  if (options === undefined) return;
  const began = Date.now();
  const random = createRandom(options.seed);
  const chosen = choose(scenarios, options, random);
  const form = options.full ? 'everything' : (options.only ?? 'the short form');
  console.log(`seed ${options.seed}: ${form}, ${chosen.length} scenarios`);
  if (chosen.length === 0) {
    process.exitCode = 1;
    return;
  }
  const opening = openWorld(options, random, (line) => {
    console.log(`      ${line}`);
  });
  // The parts of the stack have sessions of their own: nobody else would stop them, nor those that are starting.
  process.once('SIGINT', () => {
    void opening.then((world) => world.end()).finally(() => process.exit(130));
  });
  const world = await opening;
  const results: Result[] = [];
  try {
    for (const [index, scenario] of chosen.entries()) {
      console.log(`[${index + 1}/${chosen.length}] ${scenario.group}: ${scenario.name}`);
      const since = Date.now();
      const result = await runScenario(scenario, world);
      results.push(result);
      console.log(`      ${result.survived ? 'survived' : 'BROKEN'}, ${elapsed(since)}`);
    }
  } finally {
    await world.end();
  }
  const broken = results.filter(({ survived }) => !survived);
  const count = countFaults(results);
  console.log(`\n${table(results)}\n`);
  console.log(
    broken.length === 0
      ? `${count} faults, all survived, in ${elapsed(began)} (seed ${options.seed})`
      : `${broken.length} of ${results.length} scenarios broke a promise (seed ${options.seed}): ${broken.map(({ scenario }) => scenario.name).join('; ')}`,
  );
  if (broken.length > 0) process.exitCode = 1;
}

function understood(args: readonly string[]): Options | undefined {
  try {
    return readOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
}

function elapsed(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
