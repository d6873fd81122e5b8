import { isFinished } from '@samband/resources';
import { isHeal } from './heal.js';
import type { RolloutView } from './rollout-order.js';

/** Rollouts that are kept of each source. */
export const ROLLOUT_HISTORY = 50;

/**
 * Names of the rollouts to forget when there are more than are kept: first refusals that were only planned again,
 * then what put back changes by hand, then the oldest. Never the newest, the last good one, or one that is not finished.
 * @param rollouts oldest first
 */
export function choosePruned(rollouts: readonly RolloutView[]): string[] {
  const excess = rollouts.length - ROLLOUT_HISTORY;
  if (excess <= 0) return [];
  const lastGood = rollouts.findLast(({ phase }) => phase === 'Succeeded');
  const candidates = rollouts.filter(
    (rollout, index) => index < rollouts.length - 1 && rollout !== lastGood && isFinished(rollout.phase),
  );
  const next = new Map(rollouts.map((rollout, index) => [rollout, rollouts[index + 1]]));
  const isRepeated = (rollout: RolloutView): boolean =>
    rollout.failure === 'missing' && next.get(rollout)?.cause === 'missing';
  const ordered = [
    ...candidates.filter(isRepeated),
    ...candidates.filter((one) => !isRepeated(one) && isHeal(one)),
    ...candidates.filter((one) => !isRepeated(one) && !isHeal(one)),
  ];
  return ordered.slice(0, excess).map(({ name }) => name);
}
