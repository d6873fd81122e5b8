import type { EntityRef } from '@samband/contract';
import { rolloutCauses, type RolloutCause } from '@samband/gitops';
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

/** Whoever may edit rollouts may write anything there: what is not as we write it counts as absent. */
export function madeOf({ metadata }: Rollout): Made {
  const { cause, head, generation, sequence, follows, rollbackTo, source } = read(
    metadata.annotations?.[causeAnnotation] ?? '{}',
  );
  return {
    ...(isCause(cause) ? { cause } : {}),
    ...(isText(head) ? { head } : {}),
    ...(isCount(generation) ? { generation } : {}),
    ...(isCount(sequence) ? { sequence } : {}),
    ...(isText(follows) ? { follows } : {}),
    ...(isText(rollbackTo) ? { rollbackTo } : {}),
    ...(isText(source) ? { source } : {}),
  };
}

function read(text: string): Partial<Record<keyof Made, unknown>> {
  try {
    // A number or a list has none of these fields.
    return (JSON.parse(text) ?? {}) as Partial<Record<keyof Made, unknown>>;
  } catch {
    return {};
  }
}

function isCause(value: unknown): value is RolloutCause {
  return rolloutCauses.some((cause) => cause === value);
}

/** No longer than a name: what is read here is written into the next rollout. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 253;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
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

/** Of this very source. What is removed, and which snapshots are forgotten, depends on the newest of them. */
export async function rolloutsOf({ store }: Pick<Ports, 'store'>, source: GitSource): Promise<Rollout[]> {
  const { namespace = '', name } = source.metadata;
  const listed = await listRollouts(store, { namespace, name });
  return listed.filter((rollout) => isMadeFor(source, rollout));
}
