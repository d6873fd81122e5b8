import { kindRef, type KubeObject, type ResourceView, type RolloutPhase } from '@samband/resources';
import type { Target } from './targets.js';

/**
 * Rollouts in these phases need nobody: they have nothing left to do, or wait in their source's line, which alone says
 * whose turn it is. One that is `Failed` waits for a retry.
 */
const idle: ReadonlySet<RolloutPhase> = new Set<RolloutPhase>([
  'Pending',
  'Succeeded',
  'Refused',
  'RolledBack',
  'Superseded',
  'Cancelled',
]);

/** Every workflow that must be running: of each space, each source, and each rollout that has begun and not ended. */
export function wanted(view: Pick<ResourceView, 'list'>): Target[] {
  const rollouts = view.list(kindRef('Rollout')).filter((rollout) => {
    const { phase } = (rollout['status'] ?? {}) as { phase?: RolloutPhase };
    return phase !== undefined && !idle.has(phase);
  });
  return [
    ...targets('source', view.list(kindRef('GitSource'))),
    ...targets('rollout', rollouts),
    ...targets('space', view.list(kindRef('AddressSpace'))),
  ];
}

function targets(kind: Target['kind'], objects: readonly KubeObject[]): Target[] {
  return objects.map(({ metadata: { namespace = '', name } }) => ({ kind, namespace, name }));
}
