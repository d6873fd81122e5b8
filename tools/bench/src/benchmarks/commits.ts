import type { Kube } from '@samband/driver';
import type { Rollout } from '@samband/resources';
import type { Benchmark, Measurement } from '../benchmark.js';
import { commit } from '../commit.js';
import { longestHistory, type History } from '../histories.js';
import { addressFiles, addressName } from '../manifests.js';
import { peaks, resetPeaks } from '../processes.js';
import { totalSeconds, type RawCommit } from '../raw/commit.js';
import type { World } from '../world.js';

/** Everything that one large commit tells. */
export interface LargeCommit {
  readonly seconds: number;
  readonly raw: RawCommit;
  /** Peak of resident memory of each of our processes while it was under way, MB. */
  readonly peaks: ReadonlyMap<string, number>;
  /** The longest history of any of its workflows, and the longest one there was before it. */
  readonly history: { readonly before: History; readonly after: History };
}

/** Raw seconds of 10,000 addresses on the machine that limits were set on. */
const raw10000 = 30;

export const commit1000: Benchmark = {
  name: 'commit_1000_s',
  unit: 's',
  limit: 8,
  reference: 4,
  allows: 'up to',
  run: async (world) => asMeasured(await largeCommit(world, 1_000)),
};

export const commit10000: Benchmark = {
  name: 'commit_10000_s',
  unit: 's',
  limit: 50,
  reference: raw10000,
  allows: 'up to',
  run: async (world) => asMeasured(await largeCommit(world, 10_000)),
};

export const commitMemory: Benchmark = {
  name: 'commit_10000_rss_mb',
  unit: 'MB',
  limit: 600,
  allows: 'below',
  run: async (world) => {
    const { peaks: found, raw } = await largeCommit(world, 10_000);
    for (const [name, megabytes] of found) world.say(`${name.padEnd(12)}${megabytes.toFixed(0)} MB`);
    return { value: Math.max(...found.values()), raw: raw.peakMb };
  },
};

export const historyEvents: Benchmark = {
  name: 'history_events',
  unit: 'events',
  limit: 2_000,
  allows: 'below',
  run: async (world) => {
    const { before, after } = (await largeCommit(world, 10_000)).history;
    world.say(`${after.workflowId}; before: ${before.workflowId}`);
    return { value: after.events, raw: before.events };
  },
};

/** The team that has this many addresses; they came with one commit, on a space that was there before. */
export function teamOf(count: number): string {
  return `bench-${count}`;
}

export function largeCommit(world: World, count: number): Promise<LargeCommit> {
  return world.once(`commit of ${count}`, async () => {
    const stage = await world.stage();
    const { kube, stack } = stage;
    const team = await world.team(teamOf(count));
    const before = await longestHistory(stage, team.namespace);
    const pids = resetPeaks(stack);
    const { seconds, rollout } = await commit(kube, team, addressFiles(count), {
      message: `${count} addresses`,
      addresses: count,
    });
    const found = peaks(pids);
    world.say(`${count} addresses: ${seconds.toFixed(1)} s`);
    world.say(`steps: ${stepsOf(rollout)}`);
    const history = { before, after: await longestHistory(stage, team.namespace) };
    const raw = await (await world.raw()).commit(count, await exampleOf(kube, team.namespace));
    world.say(
      `raw: ${raw.applySeconds.toFixed(1)} s of applies, ${raw.statusSeconds.toFixed(1)} s of statuses, ` +
        `${raw.queueSeconds.toFixed(1)} s of queues, ${raw.peakMb.toFixed(0)} MB`,
    );
    return { seconds, raw, peaks: found, history };
  });
}

/** How slow the machine was during a commit of 10,000. */
export function slownessOf({ raw }: LargeCommit): number {
  return totalSeconds(raw) / raw10000;
}

/** Labels and status that the product gave to an address, for a raw client that writes the same bytes. */
export async function exampleOf(
  kube: Kube,
  namespace: string,
): Promise<{ labels: Readonly<Record<string, string>>; status: unknown }> {
  const { metadata, status } = await kube.need('Address', namespace, addressName('q', 0));
  return { labels: metadata.labels ?? {}, status };
}

function asMeasured({ seconds, raw }: LargeCommit): Measurement {
  return { value: seconds, raw: totalSeconds(raw) };
}

/** Where the time of a rollout went, as it says itself. */
export function stepsOf({ status }: Rollout): string {
  const steps = (status?.steps ?? []).map(({ name, startedAt = '', finishedAt = '' }) => {
    const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
    return `${name} ${seconds.toFixed(1)} s`;
  });
  return steps.join(', ');
}
