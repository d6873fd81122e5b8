import { errorCode } from '@samband/errors';
import { finalizers, INFRA_NAMESPACE, type AddressSpace } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import { infraId, readSpaceInfra, type SpaceInfra } from './infra-secret.js';
import { parkedSpaceRef, tellParkedSpace } from './parked-space.js';
import { certificateSecretName } from './certificates.js';
import { secretRef, spaceRef } from './refs.js';
import type { BrokerSessions } from './sessions.js';
import { withdrawExports } from './exports.js';

/** Stops the broker and forgets its data, also what was kept of it. Idempotent. */
export async function removeBroker(ports: Ports, sessions: BrokerSessions, ref: EntityRef): Promise<void> {
  const id = infraId(ports, ref);
  await sessions.close(id);
  await ports.runtime.removeBroker(id, { namespace: ref.namespace, space: ref.name });
}

/**
 * Withdraws exports, forgets the infrastructure Secrets, or tells of what is kept, and takes the finalizer away.
 * Idempotent.
 */
export async function releaseSpace(ports: Ports, ref: EntityRef): Promise<void> {
  const { store } = ports;
  const space = (await store.get(spaceRef(ref))) as AddressSpace | undefined;
  // One that was made again under the same name is no longer the one that was to go.
  if (space?.metadata.deletionTimestamp === undefined) return;
  await withdrawExports(ports, space, []);
  const infra = await ownInfra(ports, ref);
  if (infra?.parked === undefined) await forgetInfra(ports, ref);
  else await tellParkedSpace(ports, ref, infra.parked);
  try {
    await store.patch(
      spaceRef(ref),
      {
        metadata: {
          finalizers: (space.metadata.finalizers ?? []).filter((name) => name !== finalizers.addressSpace),
          resourceVersion: space.metadata.resourceVersion,
        },
      },
      { fieldManager: 'samband-metadata' },
    );
  } catch (error) {
    if (errorCode(error) !== 'NOT_FOUND') throw error;
  }
}

/** Forgets a parked space whose broker was removed. Idempotent. */
export async function forgetParked(ports: Ports, ref: EntityRef): Promise<void> {
  const infra = await ownInfra(ports, ref);
  if (infra?.parked !== undefined) await forgetInfra(ports, ref);
  await ports.store.delete(parkedSpaceRef(ref));
}

async function forgetInfra(ports: Ports, ref: EntityRef): Promise<void> {
  if ((await ownInfra(ports, ref)) === undefined) return;
  const id = infraId(ports, ref);
  await ports.store.delete(secretRef(INFRA_NAMESPACE, certificateSecretName(id)));
  await ports.store.delete(secretRef(INFRA_NAMESPACE, `broker-${id}`));
}

/** A space whose infrastructure id belongs to another one never had a broker. */
export async function ownInfra(ports: Ports, ref: EntityRef): Promise<SpaceInfra | undefined> {
  try {
    return await readSpaceInfra(ports, ref);
  } catch (error) {
    if (errorCode(error) === 'CONFLICT') return undefined;
    throw error;
  }
}
