import { spaceOfAddress, type ObjectRef } from '@samband/resources';
import type { EntityRef, TouchedSpace } from '@samband/contract';
import type { Ports } from '../ports.js';
import { Snapshots } from '../snapshots.js';
import { readSpaceInfra } from '../space/infra-secret.js';
import { parts, type PlanSnapshot } from './model.js';
import { readRollout } from './refs.js';

/** The spaces that these objects are or belong to. */
export function spacesOf(refs: readonly ObjectRef[]): EntityRef[] {
  const found = new Map<string, EntityRef>();
  for (const { kind, namespace, name } of refs) {
    if (namespace === undefined) continue;
    const space =
      kind === 'AddressSpace'
        ? name
        : kind === 'Address' || kind === 'MessagingUser'
          ? spaceOfAddress(name)
          : undefined;
    if (space !== undefined) found.set(`${namespace}/${space}`, { namespace, name: space });
  }
  return [...found.values()];
}

/** Spaces with something new or changed in them, and the host of each one's broker. */
export async function touchedSpaces(ports: Ports, ref: EntityRef): Promise<TouchedSpace[]> {
  const rollout = await readRollout(ports.store, ref);
  const plan = (await new Snapshots(ports.store).read(rollout, parts.plan)) as PlanSnapshot;
  const spaces = spacesOf(plan.entries.filter(({ action }) => action !== 'remove').map((entry) => entry.ref));
  const hosted = await Promise.all(
    spaces.map(async (space) => ({ ...space, hostId: (await readSpaceInfra(ports, space))?.hostId })),
  );
  return hosted.flatMap(({ hostId, ...space }) => (hostId === undefined ? [] : [{ ...space, hostId }]));
}
