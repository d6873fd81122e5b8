import type { Rollout, RolloutProblem } from '@samband/resources';
import { defined, presentConditions } from '../support/present.js';
import type { RolloutDetail, RolloutSummary } from './rollout.model.js';

export function presentRolloutSummary({ metadata, spec, status = {} }: Rollout): RolloutSummary {
  const { plan, problems = [], problemsOmitted = 0 } = status;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    source: spec.source,
    commit: spec.commit,
    attempt: spec.attempt,
    phase: status.phase ?? 'Pending',
    problemCount: problems.length + problemsOmitted,
    ...defined({
      createdAt: metadata.creationTimestamp,
      message: status.message,
      author: status.author,
      subject: status.subject,
      startedAt: status.startedAt,
      finishedAt: status.finishedAt,
      replaces: status.replaces,
      plan: plan && {
        digest: plan.digest,
        add: plan.add,
        change: plan.change,
        remove: plan.remove,
        unchanged: plan.unchanged,
      },
    }),
  };
}

export function presentRollout(rollout: Rollout): RolloutDetail {
  const { status = {} } = rollout;
  return {
    ...presentRolloutSummary(rollout),
    conditions: presentConditions(status.conditions),
    problems: (status.problems ?? []).map(presentProblem),
    problemsOmitted: status.problemsOmitted ?? 0,
    warnings: (status.warnings ?? []).map(presentProblem),
    warningsOmitted: status.warningsOmitted ?? 0,
    steps: (status.steps ?? []).map(({ name, phase, attempt, startedAt, finishedAt, message }) => ({
      name,
      phase,
      attempt,
      ...defined({ startedAt, finishedAt, message }),
    })),
    entries: (status.plan?.entries ?? []).map(({ action, resource, file, line }) => ({
      action,
      resource,
      ...defined({ file, line }),
    })),
  };
}

function presentProblem({ file, line, resource, code, message }: RolloutProblem): RolloutProblem {
  return { file, line, resource, code, message };
}
