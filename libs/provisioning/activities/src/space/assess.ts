import { errorCode } from '@samband/errors';
import { finalizers } from '@samband/resources';
import type { EntityRef, SpaceAssessment } from '@samband/contract';
import type { Ports } from '../ports.js';
import { gatherSpace } from './gather.js';
import { refuseOrphans } from './no-space.js';
import { readHostId } from './infra-secret.js';
import { spaceRef } from './refs.js';

/** Looks at the space and what it refers to; puts the finalizer there before anything is made for it. */
export async function assessSpace(ports: Ports, ref: EntityRef): Promise<SpaceAssessment> {
  const gathered = await gatherSpace(ports, ref);
  switch (gathered.kind) {
    case 'absent':
      await refuseOrphans(ports, ref);
      return { kind: 'absent' };
    case 'terminating': {
      if (gathered.space.metadata.finalizers?.includes(finalizers.addressSpace) !== true)
        return { kind: 'absent' };
      const hostId = await hostOf(ports, ref);
      return hostId === undefined ? { kind: 'terminating' } : { kind: 'terminating', hostId };
    }
    case 'blocked':
      return {
        kind: 'blocked',
        failure: { code: gathered.reason, message: gathered.message, retry: 'never' },
      };
    case 'facts': {
      const present = gathered.facts.space.metadata.finalizers ?? [];
      if (!present.includes(finalizers.addressSpace)) {
        await ports.store.patch(
          spaceRef(ref),
          {
            metadata: {
              finalizers: [...present, finalizers.addressSpace],
              resourceVersion: gathered.facts.space.metadata.resourceVersion,
            },
          },
          { fieldManager: 'samband-metadata' },
        );
      }
      try {
        return { kind: 'provision', hostId: (await readHostId(ports, ref)) ?? ports.hostId };
      } catch (error) {
        if (errorCode(error) !== 'CONFLICT') throw error;
        const message = error instanceof Error ? error.message : '';
        return { kind: 'blocked', failure: { code: 'Conflict', message, retry: 'never' } };
      }
    }
  }
}

/** A space whose infrastructure id belongs to another one never had a broker. */
async function hostOf(ports: Ports, ref: EntityRef): Promise<string | undefined> {
  try {
    return await readHostId(ports, ref);
  } catch (error) {
    if (errorCode(error) === 'CONFLICT') return undefined;
    throw error;
  }
}
