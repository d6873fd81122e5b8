import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark } from '../benchmark.js';
import { commit, push, succeeded } from '../commit.js';
import { addressFiles, changedFile } from '../manifests.js';
import type { World } from '../world.js';
import { rawChange } from './changes.js';
import { largeCommit, slownessOf } from './commits.js';

const few = 10;
const many = 10_000;
/** Between the end of one small commit and the next. */
const pauseMs = 2_000;
const fewest = 3;

/** The longest that a small commit of one tenant waited while another tenant's 10,000 were under way. */
export const fairness: Benchmark = {
  name: 'fair_small_commit_s',
  unit: 's',
  limit: 5,
  allows: 'up to',
  run: async (world) => {
    const waits = await smallBesideLarge(world);
    world.say(`small commits: ${waits.map((one) => one.toFixed(1)).join(', ')} s`);
    if (waits.length < fewest)
      throw new Error(`only ${waits.length} small commits fitted beside the large one`);
    return {
      value: Math.max(...waits),
      raw: await rawChange(world),
      // What a small commit shares the processors with is the large one.
      slowness: slownessOf(await largeCommit(world, many)),
    };
  },
};

async function smallBesideLarge(world: World): Promise<number[]> {
  const { kube } = await world.stage();
  const small = await world.team('bench-small');
  await commit(kube, small, addressFiles(few), { message: 'Ten addresses', addresses: few });
  const large = await world.team('bench-large');
  const over = new AbortController();
  const one = commit(kube, large, addressFiles(many), { message: 'Very many', addresses: many }).finally(
    () => {
      over.abort();
    },
  );
  const others = (async (): Promise<number[]> => {
    const waits: number[] = [];
    for (let ttl = 60_000; !over.signal.aborted; ttl += 1) {
      const pushed = await push(small, changedFile(few, 0, ttl), `A time to live of ${ttl} ms`);
      // The last one began while the large one was under way, and may have waited for it: it counts.
      waits.push(await succeeded(kube, small, pushed));
      await sleep(pauseMs);
    }
    return waits;
  })();
  const [{ seconds }, waits] = await Promise.all([one, others]);
  world.say(`${many} addresses with small commits beside them: ${seconds.toFixed(1)} s`);
  return waits;
}
