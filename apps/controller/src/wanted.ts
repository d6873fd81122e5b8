import {
  INFRA_NAMESPACE,
  kindRef,
  labels,
  type KubeObject,
  type ResourceView,
  type RolloutPhase,
} from '@samband/resources';
import { targetKey, type Target } from './targets.js';
import { secretKind } from './watched.js';

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

/**
 * Every workflow that must be running: of each space, parked ones too, of each source, and of each rollout that has
 * begun and not ended.
 * @param secrets where it is kept that a space is parked: its ParkedSpace may have gone with its namespace
 */
export function wanted(
  view: Pick<ResourceView, 'list'>,
  secrets: Pick<ResourceView, 'list'> | undefined,
): Target[] {
  const rollouts = view.list(kindRef('Rollout')).filter((rollout) => {
    const { phase } = (rollout['status'] ?? {}) as { phase?: RolloutPhase };
    return phase !== undefined && !idle.has(phase);
  });
  return [
    ...targets('source', view.list(kindRef('GitSource'))),
    ...targets('rollout', rollouts),
    ...unique([
      ...targets('space', view.list(kindRef('AddressSpace'))),
      ...targets('space', view.list(kindRef('ParkedSpace'))),
      ...parkedSpaces(secrets),
    ]),
  ];
}

function targets(kind: Target['kind'], objects: readonly KubeObject[]): Target[] {
  return objects.map(({ metadata: { namespace = '', name } }) => ({ kind, namespace, name }));
}

function parkedSpaces(secrets: Pick<ResourceView, 'list'> | undefined): Target[] {
  const all = secrets?.list(secretKind, INFRA_NAMESPACE) ?? [];
  return all.flatMap(({ metadata }): Target[] => {
    const { addressSpace: name, addressSpaceNamespace: namespace } = metadata.annotations ?? {};
    const isParked = metadata.labels?.[labels.parked] !== undefined;
    return isParked && name !== undefined && namespace !== undefined
      ? [{ kind: 'space', namespace, name }]
      : [];
  });
}

function unique(all: readonly Target[]): Target[] {
  return [...new Map(all.map((target) => [targetKey(target), target])).values()];
}
