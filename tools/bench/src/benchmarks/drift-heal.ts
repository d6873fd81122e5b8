import type { Benchmark } from '../benchmark.js';
import { isReady, poll } from '../commit.js';
import { addressName } from '../manifests.js';
import { median } from '../statistics.js';
import type { World } from '../world.js';
import { rawChange } from './changes.js';
import { largeCommit, teamOf } from './commits.js';

const count = 10_000;
const rounds = 3;
const intervalMs = 25;

/** One of ten thousand addresses is deleted by hand; the time runs until it is back and Ready. */
export const driftHeal: Benchmark = {
  name: 'drift_heal_s',
  unit: 's',
  limit: 5,
  reference: 0.015,
  allows: 'up to',
  run: async (world) => {
    await largeCommit(world, count);
    const found: number[] = [];
    for (let round = 1; round <= rounds; round += 1)
      found.push(await heal(world, addressName('q', 1_000 + round)));
    world.say(`put back after ${found.map((one) => one.toFixed(2)).join(', ')} s`);
    return { value: median(found), raw: await rawChange(world) };
  },
};

async function heal(world: World, name: string): Promise<number> {
  const { kube } = await world.stage();
  const team = await world.team(teamOf(count));
  const { metadata } = await kube.need('Address', team.namespace, name);
  const deleted = performance.now();
  await kube.delete('Address', team.namespace, name);
  const seconds = await poll(
    deleted,
    async () => {
      const address = await kube.get('Address', team.namespace, name);
      return address !== undefined && address.metadata.uid !== metadata.uid && isReady(address);
    },
    intervalMs,
  );
  // Each is put back by a rollout of its own.
  await kube.ready('GitSource', team.namespace, team.source);
  return seconds;
}
