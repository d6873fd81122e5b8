import { rolloutName, type RolloutPhase } from '@samband/resources';

/** Why a rollout is made. Kept with it (annotation), since later decisions depend on it. */
export const rolloutCauses = [
  /** Another commit is at the head of the branch. */
  'head',
  /** The GitSource's spec changed. */
  'spec',
  /** Somebody annotated the rollout before it with `samband.dev/retry`. */
  'retry',
  /** Somebody annotated the GitSource with `samband.dev/rollback-to`. */
  'rollback',
  /** What the rollout before it lacked may have come. */
  'missing',
  /** The rollout before it failed for a reason that may have passed. */
  'later',
  /** Objects of the commit that is in force were deleted or changed by somebody. */
  'drift',
] as const;

export type RolloutCause = (typeof rolloutCauses)[number];

/** A Rollout object of the source, as far as decisions need it. */
export interface RolloutView {
  readonly name: string;
  readonly commit: string;
  readonly attempt: number;
  readonly phase: RolloutPhase;
  /** It is past its commit point. */
  readonly isCommitted?: true;
  readonly cause: RolloutCause;
  /** The head of the branch when it was made. Differs from `commit` after a rollback. */
  readonly head: string;
  /** Generation of the GitSource when it was made. */
  readonly generation: number;
  /** Its place in the order in which the source made them; those of before it was kept have none. */
  readonly sequence?: number;
  /** Rollout that was the newest when it was made. */
  readonly follows?: string;
  /** Target of a rollback. */
  readonly rollbackTo?: string;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms, of finished ones. */
  readonly finishedAt?: number;
  /**
   * Why it ended badly. `missing`: refused, and all it lacked may come without a commit (`classOfProblems`);
   * `later`: the failure's catalogue entry says so; `mistake`: anything else.
   */
  readonly failure?: 'mistake' | 'missing' | 'later';
  /** Of one whose cause is drift: what it puts back, as its plan names it. */
  readonly resources?: readonly string[];
  /** `samband.dev/retry` holds a value that was not answered. */
  readonly isRetryAsked: boolean;
}

export interface RolloutOrder {
  readonly name: string;
  readonly commit: string;
  readonly attempt: number;
  readonly cause: RolloutCause;
  readonly head: string;
  readonly generation: number;
  readonly sequence: number;
  readonly follows?: string;
  readonly rollbackTo?: string;
}

/**
 * Oldest first, by the sequence: clocks are put back. Those without one come before all that have one; among them the
 * creation time decides, which has whole seconds only, and within one, what each followed.
 */
export function inOrder(rollouts: readonly RolloutView[]): RolloutView[] {
  const byName = new Map(rollouts.map((rollout) => [rollout.name, rollout]));
  const follows = (later: RolloutView, earlier: RolloutView): boolean => {
    const seen = new Set<string>();
    for (let at = later.follows; at !== undefined && !seen.has(at); at = byName.get(at)?.follows) {
      if (at === earlier.name) return true;
      seen.add(at);
    }
    return false;
  };
  return rollouts.toSorted((a, b) => {
    const [placeA, placeB] = [a.sequence ?? 0, b.sequence ?? 0];
    if (placeA !== placeB) return placeA - placeB;
    if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt;
    if (follows(a, b)) return 1;
    if (follows(b, a)) return -1;
    return a.attempt - b.attempt || (a.name < b.name ? -1 : 1);
  });
}

/**
 * The next rollout of a source: newer than all there are, under a name that none of them has.
 * @param known with those of sources that had its name before
 */
export function nextOrder(
  source: string,
  known: readonly RolloutView[],
  wanted: Omit<RolloutOrder, 'name' | 'attempt' | 'sequence'>,
): RolloutOrder {
  // Names hold twelve digits of the commit: two commits that share them share the count.
  const prefix = wanted.commit.slice(0, 12);
  const attempts = known.filter(({ commit }) => commit.startsWith(prefix)).map(({ attempt }) => attempt);
  const attempt = Math.max(0, ...attempts) + 1;
  // Whoever may edit rollouts may write any number there.
  const last = Math.max(0, ...known.map(({ sequence = 0 }) => sequence));
  const sequence = Math.min(last + 1, Number.MAX_SAFE_INTEGER);
  return { name: rolloutName(source, wanted.commit, attempt), attempt, sequence, ...wanted };
}
