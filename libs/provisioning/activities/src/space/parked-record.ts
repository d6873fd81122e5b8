import { INFRA_NAMESPACE, labels, type KubeObject } from '@samband/resources';
import type { Ports } from '../ports.js';
import { secretRef } from './refs.js';

/**
 * That a space is gone and its broker's journal is kept. The truth of it lies in the space's infrastructure Secret,
 * where no tenant can write; a ParkedSpace tells it to its team.
 */
export interface ParkedRecord {
  /** Of the namespace that the space was in: another one of that name has no right to its messages. */
  readonly namespaceUid: string;
  /** RFC 3339. */
  readonly parkedAt: string;
  /** How long it is kept, as the AddressSpace said (Go duration). */
  readonly parkFor?: string;
  /** Absent when the broker could not be counted. */
  readonly counts?: { readonly queues: number; readonly messages: number };
}

const annotation = labels.parked;

export function parkedRecordIn(secret: KubeObject): ParkedRecord | undefined {
  const text = secret.metadata.annotations?.[annotation];
  return text === undefined ? undefined : (JSON.parse(text) as ParkedRecord);
}

/** The label is what the controller finds it by, which reads no more of Secrets. */
export async function writeParkedRecord({ store }: Ports, id: string, record: ParkedRecord): Promise<void> {
  await store.patch(
    secretRef(INFRA_NAMESPACE, `broker-${id}`),
    {
      metadata: {
        labels: { [labels.parked]: 'true' },
        annotations: { [annotation]: JSON.stringify(record) },
      },
    },
    { fieldManager: 'samband-metadata' },
  );
}

export async function clearParkedRecord({ store }: Ports, id: string): Promise<void> {
  await store.patch(
    secretRef(INFRA_NAMESPACE, `broker-${id}`),
    { metadata: { labels: { [labels.parked]: null }, annotations: { [annotation]: null } } },
    { fieldManager: 'samband-metadata' },
  );
}
