import { expectPhase } from '@samband/driver';
import { settledState } from '../observe/end-state.js';
import { watchStatuses } from '../observe/watcher.js';
import type { Finding, Tenant, World } from '../scenario.js';
import { nothingIsLost } from './messages.js';
import { stories, type Story } from './stories.js';
import type { Strike } from './strike.js';
import { runWave } from './wave.js';

export type References = ReadonlyMap<Story, Record<string, unknown>>;

/** What each story ends in when nobody disturbs it: the first team of all goes through them alone. */
export async function undisturbed(world: World): Promise<References> {
  const tenant = await world.newTeam({ empty: true });
  const references = new Map<Story, Record<string, unknown>>();
  for (const story of stories) {
    const { team } = tenant;
    expectPhase(await team.rollOut(story.files(tenant), story.name), story.ends);
    references.set(story, await settledState(world.stage.kube, team));
    await story.afterwards(tenant);
  }
  await nothingIsLost(tenant);
  await world.remove(tenant);
  return references;
}

/** New teams go through all stories, each of which is disturbed once. */
export async function runBatch(
  world: World,
  references: References,
  size: number,
  strikes: ReadonlyMap<Story, Strike>,
): Promise<Finding[]> {
  const tenants = await Promise.all(Array.from({ length: size }, () => world.newTeam({ empty: true })));
  const watcher = await watchStatuses(world.stage.stack.env.KUBECONFIG);
  const findings: Finding[] = [];
  try {
    let going: readonly Tenant[] = tenants;
    for (const story of stories) {
      const strike = strikes.get(story);
      const reference = references.get(story);
      if (strike === undefined || reference === undefined)
        throw new Error(`nothing is known of ${story.name}`);
      const wave = await runWave(world, watcher, { story, tenants: going, reference, strike });
      for (const { what, step, undisturbed } of wave.findings)
        world.say(`${what}: ${undisturbed === true ? step : `hit at ${step}`}`);
      findings.push(...wave.findings);
      going = wave.kept;
    }
    await Promise.all(going.map(nothingIsLost));
  } catch (error) {
    // What was seen before stays in the table.
    const end = error instanceof Error ? error.message : String(error);
    findings.push({ what: 'afterwards', step: '', end: `BROKEN: ${end}`, seconds: 0, broken: true });
  } finally {
    watcher.stop();
  }
  if (findings.every(({ broken }) => broken !== true))
    await Promise.all(tenants.map((tenant) => world.remove(tenant)));
  return findings;
}
