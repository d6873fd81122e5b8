import { isFinished, type Rollout } from '@samband/resources';
import type { Ports } from '../ports.js';
import { newestFirst } from '../source/rollout-view.js';
import { listRollouts } from './made.js';

/**
 * The newest rollout of the same source that was made after this one and has begun, or is about to: what it left
 * unchanged relies on this one touching nothing any more.
 */
export async function newerThan(ports: Ports, rollout: Rollout): Promise<string | undefined> {
  const newer = await allNewer(ports, rollout);
  return newer.findLast(({ status }) => hasBegun(status))?.metadata.name;
}

/** The newest rollout of the same source, begun or not, if that is another one. */
export async function newestOf(ports: Ports, rollout: Rollout): Promise<Rollout | undefined> {
  return (await allNewer(ports, rollout)).at(-1);
}

/** Oldest first. */
async function allNewer({ store }: Ports, { metadata, spec }: Rollout): Promise<Rollout[]> {
  const { namespace = '' } = metadata;
  const rollouts = newestFirst(await listRollouts(store, { namespace, name: spec.source })).reverse();
  return rollouts.slice(rollouts.findIndex((one) => one.metadata.name === metadata.name) + 1);
}

function hasBegun(status: Rollout['status']): boolean {
  if (!isFinished(status?.phase ?? 'Pending')) return true;
  return status?.steps?.some(({ name }) => name === 'apply') === true;
}
