import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectPhase, explain, patience } from '@samband/driver';
import { eventually } from '@samband/testing';
import { differences, endStateOf } from '../observe/end-state.js';
import type { Watcher } from '../observe/watcher.js';
import type { Finding, Tenant, World } from '../scenario.js';
import { recovery, type Runner } from './stepper.js';
import type { Story } from './stories.js';
import { strike, type Hit, type Strike } from './strike.js';

/** Milliseconds between the pushes of two teams. */
const [least, most] = [100, 500];

export interface Wave {
  readonly story: Story;
  readonly strike: Strike;
  readonly tenants: readonly Tenant[];
  /** What the same story ended in when nobody disturbed it. */
  readonly reference: Record<string, unknown>;
}

/**
 * Several teams at the same story, one kill in the middle of it, and what must be so afterwards for each of them.
 *
 * @returns what was found, and the teams to which every promise was kept
 */
export async function runWave(
  world: World,
  watcher: Watcher,
  wave: Wave,
): Promise<{ findings: Finding[]; kept: Tenant[] }> {
  const began = performance.now();
  const { story, tenants } = wave;
  // One after another, so that one kill finds them at different steps.
  const starting = tenants.map(async (tenant, index) => {
    await sleep(index * (least + world.random.int(most)));
    return start(tenant, story);
  });
  const hits = await strike(world.stage, wave.strike, starting);
  const runners = await Promise.all(starting);
  const kept: Tenant[] = [];
  const findings = await Promise.all(
    runners.map(async (runner): Promise<Finding> => {
      const ended = await outcome(survived(world, watcher, wave, runner));
      if (ended === undefined) kept.push(runner.tenant);
      else world.say(ended);
      return {
        what: `kill -9 of ${wave.strike.target}, ${story.name}`,
        ...where(hits.get(runner) ?? []),
        seconds: (performance.now() - began) / 1000,
        ...(ended === undefined
          ? { end: `${story.ends}, as undisturbed` }
          : { end: `BROKEN: ${ended}`, broken: true }),
      };
    }),
  );
  return { findings, kept };
}

/** In the order of the kills: `plan, then wait + space users`. */
function where(hits: readonly Hit[]): Pick<Finding, 'step' | 'undisturbed'> {
  if (hits.length === 0) return { step: 'not hit', undisturbed: true };
  return { step: hits.map((points) => points.join(' + ') || 'between two steps').join(', then ') };
}

/** @returns what was broken, if anything */
function outcome(promise: Promise<void>): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

/** Pushes, and posts the webhook until the api takes it: it may be what is killed. */
async function start(tenant: Tenant, story: Story): Promise<Runner> {
  const { team } = tenant;
  const push = await team.repository.push(story.files(tenant), story.name);
  await eventually(async () => (await team.deliver(push)).status === 202, recovery);
  return { tenant, commit: push.after };
}

/** Everything that was promised to one team. */
async function survived(
  { stage }: World,
  watcher: Watcher,
  { story, reference }: Wave,
  { tenant, commit }: Runner,
): Promise<void> {
  const { team } = tenant;
  const rollout = await eventually(() => team.ended(commit), recovery);
  expectPhase(rollout, story.ends);
  const attempts = (await team.rollouts()).filter(({ spec }) => spec.commit === commit);
  if (attempts.length !== 1)
    throw new Error(`${attempts.length} rollouts of one commit:\n${attempts.map(explain).join('\n')}`);
  await eventually(async () => {
    const different = differences(reference, await endStateOf(stage.kube, team));
    if (different.length === 0) return true;
    throw new Error(
      `${team.namespace} after its ${story.name} is not as undisturbed: ${different.join('; ')}`,
    );
  }, patience);
  const complaints = await watcher.complaints(team.namespace);
  if (complaints.length > 0) throw new Error(`a status claimed what was not so: ${complaints.join('; ')}`);
  await story.afterwards(tenant);
}
