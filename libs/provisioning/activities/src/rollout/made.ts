import type { EntityRef } from '@samband/contract';
import type { RolloutCause } from '@samband/gitops';
import { kindRef, labels, type GitSource, type Rollout } from '@samband/resources';
import type { Ports } from '../ports.js';

/** What later decisions must know of why a Rollout was made. */
export const causeAnnotation = 'samband.dev/cause';

export interface Made {
  readonly cause?: RolloutCause | undefined;
  readonly head?: string | undefined;
  readonly generation?: number | undefined;
  readonly sequence?: number | undefined;
  readonly follows?: string | undefined;
  readonly rollbackTo?: string | undefined;
  /** Uid of the GitSource that it was made for. */
  readonly source?: string | undefined;
}

export function madeOf({ metadata }: Rollout): Made {
  try {
    return JSON.parse(metadata.annotations?.[causeAnnotation] ?? '{}') as Made;
  } catch {
    return {};
  }
}

/** Rollouts outlive their source: those of an earlier one of its name tell nothing of what this one has rolled out. */
export function isMadeFor({ metadata }: GitSource, rollout: Rollout): boolean {
  const { source } = madeOf(rollout);
  return source === undefined || source === metadata.uid;
}

/** Of all sources that had the name, read from the API server itself: one that was just made must not be missed. */
export async function listRollouts(
  store: Pick<Ports['store'], 'list'>,
  source: EntityRef,
): Promise<Rollout[]> {
  const { items } = await store.list(kindRef('Rollout'), {
    namespace: source.namespace,
    labelSelector: `${labels.source}=${source.name}`,
  });
  return items as unknown as Rollout[];
}

/** As the watch knows them. */
export function rolloutsOf({ view }: Ports, source: GitSource): Rollout[] {
  const { namespace = '', name } = source.metadata;
  const found = view.byIndex('source', `${namespace}/${name}`) as unknown as Rollout[];
  return found.filter((rollout) => isMadeFor(source, rollout));
}
