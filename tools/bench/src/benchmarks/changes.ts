import type { Benchmark } from '../benchmark.js';
import { isReady, poll, push, succeeded } from '../commit.js';
import { addressName, changedFile } from '../manifests.js';
import { median } from '../statistics.js';
import type { World } from '../world.js';
import { exampleOf, largeCommit, teamOf } from './commits.js';

const rounds = 7;
/** Which of the addresses is changed, again and again. */
const chosen = 42;
const intervalMs = 25;
const seconds = 2;
/** How much dearer a change may be among 10,000 than among 100. */
const factor = 1.5;
/** Seconds of `rawChange` on the machine that limits were set on. */
const rawChangeReference = 0.015;

export const changeOf100: Benchmark = {
  name: 'change_1_of_100_s',
  unit: 's',
  limit: seconds,
  reference: rawChangeReference,
  allows: 'up to',
  run: async (world) => ({ value: await changes(world, 100), raw: await rawChange(world) }),
};

export const changeOf10000: Benchmark = {
  name: 'change_1_of_10000_s',
  unit: 's',
  limit: seconds,
  reference: rawChangeReference,
  allows: 'up to',
  run: async (world) => {
    const few = await changes(world, 100);
    const value = await changes(world, 10_000);
    world.say(`${(value / few).toFixed(2)} times a change of one of 100, which takes ${few.toFixed(2)} s`);
    return { value, raw: await rawChange(world), limit: factor * few };
  },
};

/** Seconds from the push of one changed address until the rollout has succeeded and the address shows it. */
function changes(world: World, count: number): Promise<number> {
  return world.once(`changes among ${count}`, async () => {
    await largeCommit(world, count);
    const { kube } = await world.stage();
    const found: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const team = await world.team(teamOf(count));
      const ttl = 60_000 + round;
      const pushed = await push(team, changedFile(count, chosen, ttl), `A time to live of ${ttl} ms`);
      await succeeded(kube, team, pushed, intervalMs);
      found.push(
        await poll(
          pushed.at,
          async () => {
            const address = await kube.need('Address', team.namespace, addressName('q', chosen));
            const status = address['status'] as { messageTtl?: { maximum?: number } } | undefined;
            return isReady(address) && status?.messageTtl?.maximum === ttl;
          },
          intervalMs,
        ),
      );
    }
    world.say(`changes of one of ${count}: ${found.map((one) => one.toFixed(2)).join(', ')} s`);
    return median(found);
  });
}

/** How slow the machine is in answering a few small requests. */
export async function slownessOfRequests(world: World): Promise<number> {
  return (await rawChange(world)) / rawChangeReference;
}

/** One apply, one status, one call of the broker. */
export function rawChange(world: World): Promise<number> {
  return world.once('raw change', async () => {
    await largeCommit(world, 100);
    const { kube } = await world.stage();
    return (await world.raw()).change(await exampleOf(kube, teamOf(100)));
  });
}
