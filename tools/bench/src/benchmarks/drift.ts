import type { Stage } from '@samband/driver';
import { annotations } from '@samband/resources';
import type { Benchmark } from '../benchmark.js';
import { poll } from '../commit.js';
import { spaceName } from '../manifests.js';
import { median } from '../statistics.js';
import type { World } from '../world.js';
import { exampleOf, largeCommit, teamOf } from './commits.js';

const count = 10_000;
const rounds = 3;

/**
 * A space that is asked to look compares everything that its broker holds with everything that is declared. The time
 * runs from the request until the space's workflow says that all is ready: both listings and the probe are in it.
 */
export const drift: Benchmark = {
  name: 'drift_10000_s',
  unit: 's',
  limit: 10,
  reference: 2,
  allows: 'up to',
  run: async (world) => {
    await largeCommit(world, count);
    const found: number[] = [];
    for (let round = 1; round <= rounds; round += 1) found.push(await look(world));
    const { kube } = await world.stage();
    const raw = await (await world.raw()).lists(count, await exampleOf(kube, teamOf(count)));
    world.say(`raw: addresses ${raw.addresses.toFixed(2)} s, queues ${raw.queues.toFixed(2)} s`);
    return { value: median(found), raw: raw.addresses + raw.queues };
  },
};

async function look(world: World): Promise<number> {
  const stage = await world.stage();
  const before = await lastLook(stage);
  const asked = performance.now();
  await stage.kube.annotate('AddressSpace', teamOf(count), spaceName, {
    [annotations.requestedAt]: new Date().toISOString(),
  });
  const seconds = await poll(asked, async () => (await lastLook(stage)).at !== before.at);
  world.say(`${(await lastLook(stage)).message}: ${seconds.toFixed(1)} s`);
  return seconds;
}

/** When the space's workflow last found all ready, and what it said. */
async function lastLook(stage: Stage): Promise<{ at: string; message: string }> {
  const timeline = await stage.timeline(`addressspace/${teamOf(count)}/${spaceName}`);
  const { at, message = '' } = timeline.filter(({ step }) => step === 'ready').at(-1) ?? { at: '' };
  return { at, message };
}
