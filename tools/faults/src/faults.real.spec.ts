import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { choose } from './choose.js';
import { readOptions } from './options.js';
import { createRandom } from './random.js';
import { runScenario } from './run.js';
import type { Scenario } from './scenario.js';
import { scenarios as concurrency } from './concurrency/index.js';
import { scenarios as kill } from './kill/index.js';
import { openWorld, type OpenWorld } from './world.js';

const { seed, ...options } = readOptions(['--seed', process.env['SAMBAND_FAULTS_SEED'] ?? '1']);
const random = createRandom(seed);
const chosen = choose([...kill, ...concurrency], options, random);

describe(`the stack survives, with the seed ${seed},`, () => {
  let world: OpenWorld;
  beforeAll(async () => {
    world = await openWorld(options, random, (line) => {
      console.log(line);
    });
  });
  afterAll(async () => {
    await world.end();
  });

  it.each(chosen.map((scenario): [string, Scenario] => [scenario.name, scenario]))(
    '%s',
    async (_, scenario) => {
      const { findings } = await runScenario(scenario, world);
      expect(findings.filter(({ broken }) => broken === true)).toEqual([]);
    },
    900_000,
  );
});
