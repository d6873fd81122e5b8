import { refOf, type ResourceStore, type Rollout } from '@samband/resources';
import type { Problem } from '@samband/gitops';

/** What a status lists; the rest is counted. */
const listed = 100;

export function problemFields(problems: readonly Problem[]): {
  problems: readonly Problem[];
  problemsOmitted: number;
} {
  return { problems: problems.slice(0, listed), problemsOmitted: Math.max(0, problems.length - listed) };
}

export async function reportProblems(
  store: ResourceStore,
  rollout: Rollout,
  problems: readonly Problem[],
): Promise<void> {
  await store.patchStatus({ ref: refOf(rollout), status: problemFields(problems) });
}
