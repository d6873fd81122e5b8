import { classOfProblems, inOrder, type RolloutView } from '@samband/gitops';
import { annotations, findCondition, type Rollout } from '@samband/resources';
import { madeOf } from '../rollout/made.js';

/** A Rollout as far as decisions need it. */
export function toView(rollout: Rollout): RolloutView {
  const { metadata, spec, status } = rollout;
  const phase = status?.phase ?? 'Pending';
  const made = madeOf(rollout);
  const failure = failureOf(rollout);
  const retry = metadata.annotations?.[annotations.retry];
  return {
    name: metadata.name,
    commit: spec.commit,
    attempt: spec.attempt,
    phase,
    cause: made.cause ?? 'head',
    head: made.head ?? spec.commit,
    generation: made.generation ?? 1,
    createdAt: Date.parse(metadata.creationTimestamp ?? '') || 0,
    // A stuck rollout answers `retry` itself.
    isRetryAsked: phase !== 'Failed' && retry !== undefined && retry !== status?.lastHandled?.retry,
    ...(committedAt(rollout) === undefined ? {} : { isCommitted: true as const }),
    ...(made.sequence === undefined ? {} : { sequence: made.sequence }),
    ...(made.follows === undefined ? {} : { follows: made.follows }),
    ...(made.rollbackTo === undefined ? {} : { rollbackTo: made.rollbackTo }),
    ...(status?.finishedAt === undefined ? {} : { finishedAt: Date.parse(status.finishedAt) }),
    ...(failure === undefined ? {} : { failure }),
    ...(made.cause === 'drift'
      ? { resources: (status?.plan?.entries ?? []).map(({ resource }) => resource) }
      : {}),
  };
}

/** When it passed its commit point; `undefined` while it has not. */
export function committedAt({ status }: Pick<Rollout, 'status'>): string | undefined {
  const commit = status?.steps?.find(({ name, phase }) => name === 'commit' && phase === 'Succeeded');
  return commit === undefined ? undefined : (commit.finishedAt ?? '');
}

/** The order in which they were made is that in which they passed their commit points: each waits for those before it. */
export function newestFirst(rollouts: readonly Rollout[]): Rollout[] {
  const byName = new Map(rollouts.map((rollout) => [rollout.metadata.name, rollout]));
  return inOrder(rollouts.map(toView))
    .toReversed()
    .flatMap(({ name }) => byName.get(name) ?? []);
}

function failureOf({ status }: Rollout): RolloutView['failure'] {
  const phase = status?.phase;
  if (phase !== 'Refused' && phase !== 'RolledBack') return undefined;
  if (phase === 'Refused' && (status?.problems?.length ?? 0) > 0)
    return classOfProblems(status?.problems ?? []);
  return findCondition(status?.conditions, 'Stalled')?.status === 'True' ? 'mistake' : 'later';
}
