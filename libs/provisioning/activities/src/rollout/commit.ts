import { isFinished } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import { Snapshots } from '../snapshots.js';
import { committedAt, newestFirst } from '../source/rollout-view.js';
import { rolloutsOf } from './made.js';
import { readContext } from './refs.js';

/** Snapshots are kept of this rollout and of the last good one before it. */
const keptBesides = 1;

/** The commit point itself is the step's entry in the status; here the older snapshots are forgotten. */
export async function commitRollout(ports: Ports, ref: EntityRef): Promise<void> {
  const { source } = await readContext(ports.store, ref);
  const others = (await rolloutsOf(ports, source)).filter(({ metadata }) => metadata.name !== ref.name);
  const good = newestFirst(others).filter((rollout) => committedAt(rollout) !== undefined);
  const unfinished = others.filter(
    ({ status }) => status?.phase === 'Failed' || !isFinished(status?.phase ?? 'Pending'),
  );
  const kept = [...good.slice(0, keptBesides), ...unfinished].map(({ metadata }) => metadata.name);
  await new Snapshots(ports.store).forgetAllBut(
    ref.namespace,
    source.metadata.name,
    new Set([ref.name, ...kept]),
  );
}
