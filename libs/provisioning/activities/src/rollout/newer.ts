import { inOrder } from '@samband/gitops';
import { isFinished, type Rollout } from '@samband/resources';
import type { Ports } from '../ports.js';
import { toView } from '../source/rollout-view.js';
import { listRollouts } from './made.js';

/**
 * The newest rollout of the same source that was made after this one and has begun, or is about to: what it left
 * unchanged relies on this one touching nothing any more.
 */
export async function newerThan({ store }: Ports, rollout: Rollout): Promise<string | undefined> {
  const { namespace = '' } = rollout.metadata;
  const listed = await listRollouts(store, { namespace, name: rollout.spec.source });
  const rollouts = new Map(listed.map((one) => [one.metadata.name, one]));
  const names = inOrder(listed.map(toView)).map(({ name }) => name);
  return names
    .slice(names.indexOf(rollout.metadata.name) + 1)
    .findLast((name) => hasBegun(rollouts.get(name)?.status));
}

function hasBegun(status: Rollout['status']): boolean {
  if (!isFinished(status?.phase ?? 'Pending')) return true;
  return status?.steps?.some(({ name }) => name === 'apply') === true;
}
