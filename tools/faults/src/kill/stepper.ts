import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from '@samband/driver';
import { connectTemporal, type TemporalClient } from '@samband/temporal';
import type { Tenant } from '../scenario.js';
import { standingOf, type Standing } from './points.js';

/** How long the worker runs between two looks: shorter than most steps take. */
const sliceMs = 4;

/** A worker that died is noticed by timeouts of half a minute; on a machine with much to do it takes longer. */
export const recovery = { timeoutMs: 240_000, intervalMs: 250 } as const;

/** A team whose commit was pushed. */
export interface Runner {
  readonly tenant: Tenant;
  readonly commit: string;
}

export type Standings = ReadonlyMap<Runner, Standing>;

/**
 * Lets the worker run in slices and looks, while it stands still, where every team is. What `onLook` does, it does
 * exactly there: nothing goes on meanwhile but the other processes.
 *
 * @param onLook what it returns is waited for with a worker that runs, before the next look; `false`: enough seen
 */
export async function stepWorker(
  stage: Stage,
  starting: readonly Promise<Runner>[],
  onLook: (standings: Standings) => Promise<void> | boolean,
): Promise<void> {
  const runners: Runner[] = [];
  const started = Promise.all(starting.map(async (one) => runners.push(await one)));
  started.catch(() => undefined);
  const temporal = connectTemporal({ address: stage.stack.env.TEMPORAL_ADDRESS, namespace: 'default' });
  try {
    for (;;) {
      const began = performance.now();
      stage.stack.kill('worker', 'SIGSTOP');
      const standings = await look(stage, temporal, runners);
      const isOver = [...standings.values()].every(({ ended }) => ended);
      if (isOver && runners.length === starting.length) return;
      const next = onLook(standings);
      stage.stack.kill('worker', 'SIGCONT');
      if (next === false) return;
      if (next !== true) await next;
      // Where looking takes long, as on a machine with much to do, the worker gets its share all the same.
      else await sleep(Math.max(sliceMs, (performance.now() - began) / 4));
    }
  } finally {
    stage.stack.kill('worker', 'SIGCONT');
    await temporal.close();
    await started;
  }
}

async function look(stage: Stage, temporal: TemporalClient, runners: readonly Runner[]): Promise<Standings> {
  const standings = await Promise.all(
    runners.map(
      async (runner) => [runner, await standingOf(stage, temporal, runner.tenant, runner.commit)] as const,
    ),
  );
  return new Map(standings);
}
