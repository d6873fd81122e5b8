import { errorCode } from '@samband/errors';
import { finalizers } from '@samband/resources';
import type { EntityRef, Failure, SpaceAssessment, SpaceRun } from '@samband/contract';
import type { Ports } from '../ports.js';
import { assessParked, isStillOwned } from './assess-parked.js';
import { gatherSpace, runOf, type SpaceFacts } from './gather.js';
import { readSpaceInfra } from './infra-secret.js';
import { refuseOrphans } from './no-space.js';
import { spaceRef } from './refs.js';
import { ownInfra } from './remove.js';

/** Looks at the space and what it refers to; puts the finalizer there before anything is made for it. */
export async function assessSpace(ports: Ports, ref: EntityRef): Promise<SpaceAssessment> {
  const gathered = await gatherSpace(ports, ref);
  switch (gathered.kind) {
    case 'absent':
      await refuseOrphans(ports, ref);
      return await assessParked(ports, ref, await ownInfra(ports, ref));
    case 'terminating': {
      // What is parked under its name is not its own where it never came to use it.
      if (gathered.space.metadata.finalizers?.includes(finalizers.addressSpace) !== true)
        return { kind: 'absent' };
      const infra = await ownInfra(ports, ref);
      return infra === undefined ? { kind: 'terminating' } : { kind: 'terminating', hostId: infra.hostId };
    }
    case 'blocked':
      return blocked((await ownInfra(ports, ref))?.hostId, runOf(ports, gathered), {
        code: gathered.reason,
        message: gathered.message,
        retry: 'never',
      });
    case 'facts':
      await ensureFinalizer(ports, ref, gathered.facts);
      return await assessPresent(ports, ref, runOf(ports, gathered));
  }
}

async function ensureFinalizer({ store }: Ports, ref: EntityRef, { space }: SpaceFacts): Promise<void> {
  const present = space.metadata.finalizers ?? [];
  if (present.includes(finalizers.addressSpace)) return;
  await store.patch(
    spaceRef(ref),
    {
      metadata: {
        finalizers: [...present, finalizers.addressSpace],
        resourceVersion: space.metadata.resourceVersion,
      },
    },
    { fieldManager: 'samband-metadata' },
  );
}

async function assessPresent(
  ports: Ports,
  ref: EntityRef,
  run: SpaceRun | undefined,
): Promise<SpaceAssessment> {
  try {
    const infra = await readSpaceInfra(ports, ref);
    if (infra?.parked !== undefined && !(await isStillOwned(ports, ref, infra.parked)))
      return { kind: 'expired', hostId: infra.hostId };
    const hostId = infra?.hostId ?? ports.hostId;
    return { kind: 'provision', hostId, ...(run === undefined ? {} : { run }) };
  } catch (error) {
    if (errorCode(error) !== 'CONFLICT') throw error;
    const message = error instanceof Error ? error.message : '';
    return blocked(undefined, run, { code: 'Conflict', message, retry: 'never' });
  }
}

function blocked(hostId: string | undefined, run: SpaceRun | undefined, failure: Failure): SpaceAssessment {
  return {
    kind: 'blocked',
    failure,
    ...(hostId === undefined ? {} : { hostId }),
    ...(run === undefined ? {} : { run }),
  };
}
