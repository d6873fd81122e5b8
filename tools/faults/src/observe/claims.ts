import { isFinished, type KubeObject, type Rollout, type RolloutPhase } from '@samband/resources';
import { conditionOf, statusOf } from '@samband/driver';

/** From each phase of a rollout, those that may be seen next; a watcher may miss some in between. */
const later: Readonly<Record<RolloutPhase, readonly RolloutPhase[]>> = (() => {
  const ways = ['RolledBack', 'Cancelled', 'Superseded', 'Failed'] as const;
  const back = ['RollingBack', ...ways] as const;
  const verifying = ['Succeeded', ...back] as const;
  const applying = ['Verifying', ...verifying] as const;
  const planned = ['Applying', ...applying] as const;
  return {
    Pending: ['Planned', 'AwaitingConfirmation', 'Refused', ...planned],
    AwaitingConfirmation: ['Planned', 'Refused', ...planned],
    Planned: planned,
    Applying: applying,
    Verifying: verifying,
    RollingBack: ways,
    // An operator asked for a retry.
    Failed: ['Verifying', 'Succeeded', ...back],
    Succeeded: [],
    Refused: [],
    RolledBack: [],
    Superseded: [],
    Cancelled: [],
  };
})();

/** What one version of an object must not say, by itself and after what the version before said. */
export function untrue(before: KubeObject | undefined, after: KubeObject): string[] {
  const same = before?.metadata.uid === after.metadata.uid ? before : undefined;
  const complaints = after.kind === 'Rollout' ? ofRollout(same, after) : ofReady(same, after);
  return complaints.map(
    (complaint) => `${after.kind} ${after.metadata.namespace ?? ''}/${after.metadata.name}: ${complaint}`,
  );
}

function ofReady(before: KubeObject | undefined, after: KubeObject): string[] {
  const { generation = 0 } = after.metadata;
  const { observedGeneration = 0 } = statusOf(after);
  const seenBefore = before === undefined ? 0 : (statusOf(before).observedGeneration ?? 0);
  const ready = conditionOf(after, 'Ready').status === 'True';
  const { isReady, phase } = statusOf(after) as { isReady?: boolean; phase?: string };
  return [
    ...(observedGeneration > generation
      ? [`tells of generation ${observedGeneration}, which is only at ${generation}`]
      : []),
    ...(observedGeneration < seenBefore
      ? [`forgot generation ${seenBefore}, and tells of ${observedGeneration}`]
      : []),
    ...(isReady !== undefined && isReady !== ready ? [`isReady is ${isReady}, Ready ${ready}`] : []),
    ...(phase !== undefined && (phase === 'Active') !== ready ? [`phase is ${phase}, Ready ${ready}`] : []),
  ];
}

function ofRollout(before: KubeObject | undefined, after: KubeObject): string[] {
  const was = (before as unknown as Rollout | undefined)?.status;
  const is = (after as unknown as Rollout).status;
  const from = was?.phase ?? 'Pending';
  const to = is?.phase ?? 'Pending';
  const steps = is?.steps ?? [];
  return [
    ...(from !== to && !later[from].includes(to) ? [`went from ${from} to ${to}`] : []),
    ...((was?.steps ?? []).flatMap(({ name, phase }, index) =>
      steps[index]?.name !== name || (phase === 'Succeeded' && steps[index].phase !== 'Succeeded')
        ? [`took back that step ${name} ${phase}`]
        : [],
    ) satisfies string[]),
    ...(isFinished(to) && is?.finishedAt === undefined ? [`is ${to} without a time`] : []),
    ...(isFinished(from) && from !== 'Failed' && was?.finishedAt !== is?.finishedAt ? ['ended twice'] : []),
    ...(to === 'Succeeded' && steps.some(({ phase }) => phase === 'Running')
      ? ['succeeded with a step that runs']
      : []),
  ];
}
