import {
  setStanding,
  type Condition,
  type PlanPhase,
  type PlanStatus,
  type Reason,
} from '@samband/resources';

/** One thing that speaks against a plan. */
export interface Fault {
  readonly reason: Reason;
  readonly message: string;
}

/** Whether a plan can be used, and if not, everything that speaks against it. */
export interface PlanVerdict {
  readonly phase: PlanPhase;
  /** Of the first fault. */
  readonly reason: Reason;
  readonly message: string;
}

export function verdictOf(faults: readonly Fault[]): PlanVerdict {
  const first = faults[0];
  if (first === undefined) return { phase: 'Active', reason: 'Ready', message: '' };
  return { phase: 'Failed', reason: first.reason, message: faults.map(({ message }) => message).join('; ') };
}

/** Longest message that the status of a plan admits. */
const MESSAGE_MAX = 32_768;

/**
 * The status that tells of a verdict. Equal to `before` when nothing changed.
 * @param now RFC 3339
 */
export function planStatus(
  verdict: PlanVerdict,
  plan: { metadata: { generation?: number }; status?: { conditions?: Condition[] } },
  now: string,
): PlanStatus {
  const generation = plan.metadata.generation;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const message = verdict.message.slice(0, MESSAGE_MAX);
  const standing = verdict.phase === 'Active' ? 'ready' : 'stalled';
  const judgement = { standing, reason: verdict.reason, message, observedGeneration: generation } as const;
  const conditions = setStanding(plan.status?.conditions, judgement, now);
  return { phase: verdict.phase, message, ...observed, conditions };
}
