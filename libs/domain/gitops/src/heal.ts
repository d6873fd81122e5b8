import type { RolloutView } from './rollout-order.js';

/** What of the last good commit is no longer as it declares, and is to be put back. */
export interface DriftToHeal {
  /** The commit that is in force. */
  readonly commit: string;
  /** `describeRef` of the objects, as far as they are named. */
  readonly resources: readonly string[];
}

/** So often the same object is put back at once; then it is taken for a fight that putting back does not end. */
const AT_ONCE = 8;
/** Seconds before each further time. */
const PAUSES = [30, 60, 120, 300, 600];
/** Hours without a change end a row of them. */
const QUIET_MS = 3_600_000;

export interface HealTime {
  /** Epoch ms. */
  readonly at: number;
  /** How often these objects were put back in a row. */
  readonly times: number;
}

/**
 * When drift is put back: at once, unless the same objects were put back again and again, or could not be. Each further
 * time comes later, so that two who fight over a field do not do it for ever at full speed.
 * @param rollouts oldest first
 * @param endOf when one ended, epoch ms
 */
export function whenToHeal(
  rollouts: readonly RolloutView[],
  { resources }: DriftToHeal,
  endOf: (rollout: RolloutView) => number,
): HealTime {
  let times = 0;
  let failures = 0;
  let last = 0;
  let before = Infinity;
  for (const rollout of rollouts.toReversed()) {
    if (!isHeal(rollout)) break;
    const ended = endOf(rollout);
    if (before - ended > QUIET_MS && before !== Infinity) break;
    before = ended;
    if (!isAbout(rollout, resources)) continue;
    if (times === 0) last = ended;
    times += 1;
    if (rollout.phase !== 'Succeeded' && rollout.phase !== 'Superseded') failures += 1;
  }
  const late = failures > 0 ? Math.max(failures, times - AT_ONCE + 1) : times - AT_ONCE + 1;
  const pause = late <= 0 ? 0 : (PAUSES[Math.min(late, PAUSES.length) - 1] ?? 0);
  return { at: pause === 0 ? 0 : last + pause * 1000, times };
}

/** Puts back what somebody had changed: what becomes of the head does not follow from it. */
export function isHeal({ cause }: RolloutView): boolean {
  return cause === 'drift';
}

/** One that was refused may have come to no plan: then it counts for all. */
function isAbout({ resources = [] }: RolloutView, wanted: readonly string[]): boolean {
  return resources.length === 0 || resources.some((one) => wanted.includes(one));
}
