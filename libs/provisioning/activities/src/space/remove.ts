import { errorCode } from '@samband/errors';
import { finalizers, INFRA_NAMESPACE, type AddressSpace } from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import { infraId } from './infra-secret.js';
import { certificateSecretName } from './certificates.js';
import { secretRef, spaceRef } from './refs.js';
import type { BrokerSessions } from './sessions.js';
import { withdrawExports } from './exports.js';

/** Stops the broker and forgets its data. Idempotent. */
export async function removeBroker(ports: Ports, sessions: BrokerSessions, ref: EntityRef): Promise<void> {
  const id = infraId(ports, ref);
  await sessions.close(id);
  await ports.runtime.removeBroker(id, { namespace: ref.namespace, space: ref.name });
}

/** Withdraws exports, forgets the infrastructure Secrets, and takes the finalizer away. Idempotent. */
export async function releaseSpace(ports: Ports, ref: EntityRef): Promise<void> {
  const { store } = ports;
  const space = (await store.get(spaceRef(ref))) as AddressSpace | undefined;
  // One that was made again under the same name is no longer the one that was to go.
  if (space?.metadata.deletionTimestamp === undefined) return;
  await withdrawExports(ports, space, []);
  const id = infraId(ports, ref);
  const broker = await store.get(secretRef(INFRA_NAMESPACE, `broker-${id}`));
  const { addressSpace, addressSpaceNamespace } = broker?.metadata.annotations ?? {};
  if (addressSpace === ref.name && addressSpaceNamespace === ref.namespace) {
    await store.delete(secretRef(INFRA_NAMESPACE, certificateSecretName(id)));
    await store.delete(secretRef(INFRA_NAMESPACE, `broker-${id}`));
  }
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
