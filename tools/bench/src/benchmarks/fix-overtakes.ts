import { maker, user } from '@samband/driver';
import type { Benchmark } from '../benchmark.js';
import { commit, push, succeeded } from '../commit.js';
import { addressFiles, spaceName } from '../manifests.js';
import { median } from '../statistics.js';
import type { World } from '../world.js';
import { rawChange } from './changes.js';

const addresses = 10;
const rounds = 3;

/**
 * A commit waits for a Secret that nobody makes (a Job beside it might, so it waits as long as it may); the time runs
 * from the push of the one that mends it until that has succeeded: the way back is in it.
 */
export const fixOvertakes: Benchmark = {
  name: 'fix_overtakes_s',
  unit: 's',
  limit: 10,
  allows: 'up to',
  run: async (world) => {
    const { kube } = await world.stage();
    const team = await world.team('bench-fix');
    const start = { ...addressFiles(addresses), 'maker.yaml': maker() };
    await commit(kube, team, start, { message: 'Ten addresses', addresses });
    const found: number[] = [];
    for (let round = 1; round <= rounds; round += 1) found.push(await overtake(world, round));
    world.say(`fixes: ${found.map((one) => one.toFixed(1)).join(', ')} s`);
    return { value: median(found), raw: await rawChange(world) };
  },
};

async function overtake(world: World, round: number): Promise<number> {
  const { kube } = await world.stage();
  const team = await world.team('bench-fix');
  const file = 'batch.yaml';
  const bad = { [file]: user(spaceName, `batch-${round}`, { passwordSecretRef: { name: 'forgotten' } }) };
  // The Job changes with it: what the commit brings is what may make a Secret.
  const again = { 'maker.yaml': maker(round) };
  const { commit: waiting } = await push(team, { ...bad, ...again }, 'Somebody forgot the Secret');
  await team.atStep(waiting, 'wait');
  const fix = await push(team, { [file]: user(spaceName, `batch-${round}`, {}) }, 'Have one generated');
  return succeeded(kube, team, fix);
}
