import { performance } from 'node:perf_hooks';
import { expectPhase, explain, patience, type Stage } from '@samband/driver';
import type { PartName, PartStatus } from '@samband/stack';
import { eventually } from '@samband/testing';
import { differences, endStateOf } from '../observe/end-state.js';
import type { Watcher } from '../observe/watcher.js';
import type { Finding, Tenant, World } from '../scenario.js';
import type { Point } from './points.js';
import { stepWorker, type Runner } from './stepper.js';
import type { Story } from './stories.js';
import { brokerOf, type Target } from './targets.js';

/** A worker that died is noticed by timeouts of half a minute; on a machine with much to do it takes longer. */
const recovery = { timeoutMs: 240_000, intervalMs: 250 } as const;

/**
 * In one rollout, so that the attempts of no step are used up: what failed for good then would be as documented.
 */
const killsAtMost = 3;
/** One that dies again and again is started after ever longer pauses. */
const killsOfABroker = 1;

/** What was under way when a team was hit; nothing: it was between two steps. */
type Hit = readonly Point[];

export interface Wave {
  readonly story: Story;
  readonly target: Target;
  readonly tenants: readonly Tenant[];
  /** Points that are still to be hit; those that were are taken out. */
  readonly wanted: Set<Point>;
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
  const { story, target, tenants } = wave;
  const runners = await Promise.all(
    tenants.map(async (tenant) => ({
      tenant,
      commit: await tenant.team.push(story.files(tenant), story.name),
    })),
  );
  const hits = await strike(world, wave, runners);
  const kept: Tenant[] = [];
  const findings = await Promise.all(
    runners.map(async (runner): Promise<Finding> => {
      const ended = await outcome(survived(world, watcher, wave, runner));
      if (ended === undefined) kept.push(runner.tenant);
      else world.say(ended);
      return {
        what: `kill -9 of ${target}, ${story.name}`,
        step: where(hits.get(runner) ?? []),
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
function where(hits: readonly Hit[]): string {
  if (hits.length === 0) return 'not hit';
  return hits.map((points) => points.join(' + ') || 'between two steps').join(', then ');
}

/** @returns what was broken, if anything */
function outcome(promise: Promise<void>): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

/** @returns where each team was whenever it was hit */
async function strike(
  { stage }: World,
  { target, wanted }: Wave,
  runners: readonly Runner[],
): Promise<ReadonlyMap<Runner, readonly Hit[]>> {
  const hits = new Map<Runner, Hit[]>(runners.map((runner) => [runner, []]));
  let kills = 0;
  const hit = (runner: Runner, points: Hit): void => {
    hits.get(runner)?.push(points);
    for (const point of points) wanted.delete(point);
  };
  const isDone = (): boolean =>
    wanted.size === 0 ||
    kills >= killsAtMost ||
    (target === 'broker' && [...hits.values()].every(({ length }) => length >= killsOfABroker));
  await stepWorker(stage, runners, (standings) => {
    if (isDone()) return false;
    const due = [...standings].filter(([, { points }]) => points.some((point) => wanted.has(point)));
    if (target === 'broker') {
      for (const [runner, { points }] of due) {
        const pid = brokerOf(stage, runner.tenant);
        if (pid === undefined || (hits.get(runner)?.length ?? 0) >= killsOfABroker) continue;
        process.kill(pid, 'SIGKILL');
        hit(runner, points);
      }
      return true;
    }
    if (due.length === 0) return true;
    const { restarts } = statusOf(stage, target);
    stage.stack.kill(target, 'SIGKILL');
    kills += 1;
    for (const [runner, { points, ended }] of standings) if (!ended) hit(runner, points);
    return back(stage, target, restarts);
  });
  return hits;
}

async function back(stage: Stage, target: PartName, before: number): Promise<void> {
  await eventually(() => {
    const { restarts, ready } = statusOf(stage, target);
    return restarts > before && ready;
  }, recovery);
}

function statusOf(stage: Stage, target: PartName): PartStatus {
  const found = stage.stack.parts().find(({ name }) => name === target);
  if (found === undefined) throw new Error(`the stack has no part ${target}`);
  return found;
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
  const complaints = watcher.complaints(team.namespace);
  if (complaints.length > 0) throw new Error(`a status claimed what was not so: ${complaints.join('; ')}`);
  await story.afterwards(tenant);
}
