import type { Stage } from '@samband/driver';
import type { PartName, PartStatus } from '@samband/stack';
import { eventually } from '@samband/testing';
import type { Point } from './points.js';
import { recovery, stepWorker, type Runner, type Standings } from './stepper.js';
import { brokerOf, type Target } from './targets.js';

/** A broker that dies again and again is started after ever longer pauses. */
const killsOfABroker = 1;
/** Looks after the first that would do, in which another team may come to another step. */
const looksForMore = 3;

/** What was under way when a team was hit; nothing: it was between two steps. */
export type Hit = readonly Point[];

/** What is killed while a story goes on. */
export interface Strike {
  readonly target: Target;
  /** Steps that are still to be hit; those that were are taken out. */
  readonly wanted: Set<Point>;
  /** Of a part, at most: the attempts of no step may be used up, for what failed for good then would be right. */
  readonly kills: number;
}

/**
 * Kills at steps that were not hit yet, until the rollouts have ended or it was enough.
 *
 * @returns where each team was whenever it was hit
 */
export async function strike(
  stage: Stage,
  { target, wanted, kills }: Strike,
  runners: readonly Promise<Runner>[],
): Promise<ReadonlyMap<Runner, readonly Hit[]>> {
  const hits = new Map<Runner, Hit[]>();
  const hit = (runner: Runner, points: Hit): void => {
    hits.set(runner, [...(hits.get(runner) ?? []), points]);
    for (const point of points) wanted.delete(point);
  };
  await stepWorker(
    stage,
    runners,
    target === 'broker'
      ? killBrokers(stage, wanted, hits, hit)
      : killPart(stage, target, { wanted, kills }, hit),
  );
  return hits;
}

type Look = (standings: Standings) => Promise<void> | boolean;

/** The broker of each team that is at a step that is wanted, once. */
function killBrokers(
  stage: Stage,
  wanted: ReadonlySet<Point>,
  hits: ReadonlyMap<Runner, readonly Hit[]>,
  hit: (runner: Runner, points: Hit) => void,
): Look {
  return (standings) => {
    for (const [runner, { points }] of standings) {
      if (!points.some((point) => wanted.has(point))) continue;
      const pid = brokerOf(stage, runner.tenant);
      if (pid === undefined || (hits.get(runner)?.length ?? 0) >= killsOfABroker) continue;
      process.kill(pid, 'SIGKILL');
      hit(runner, points);
    }
    return wanted.size > 0;
  };
}

/** A part, for all teams at once: best when they are at different steps. */
function killPart(
  stage: Stage,
  target: PartName,
  { wanted, kills: most }: Omit<Strike, 'target'>,
  hit: (runner: Runner, points: Hit) => void,
): Look {
  let kills = 0;
  let looks = 0;
  return (standings) => {
    if (wanted.size === 0 || kills >= most) return false;
    const due = new Set([...standings.values()].flatMap(({ points }) => points).filter((p) => wanted.has(p)));
    if (due.size === 0) return true;
    looks += 1;
    if (due.size === 1 && wanted.size > 1 && looks <= looksForMore) return true;
    looks = 0;
    kills += 1;
    const { restarts } = statusOf(stage, target);
    stage.stack.kill(target, 'SIGKILL');
    for (const [runner, { points, ended }] of standings) if (!ended) hit(runner, points);
    return back(stage, target, restarts);
  };
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
