import {
  annotations,
  kindRef,
  refOf,
  type KubeObject,
  type ObjectRef,
  type ParkedSpace,
  type ParkedSpaceStatus,
} from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import { isSameValue } from '../same.js';
import type { ParkedRecord } from './parked-record.js';
import { destroyAtOf, parkTime } from './park-time.js';

export function parkedSpaceRef({ namespace, name }: EntityRef): ObjectRef {
  return { ...kindRef('ParkedSpace'), namespace, name };
}

/** When what the record tells of is destroyed: the ParkedSpace has the last word, as it is what its team can still edit. */
export function endOfParking(record: ParkedRecord, parked: KubeObject | undefined): string {
  const asTheSpaceSaid =
    record.parkFor === undefined
      ? undefined
      : { metadata: { name: '', annotations: { [annotations.parkFor]: record.parkFor } } };
  return destroyAtOf(record.parkedAt, parkTime(parked, asTheSpaceSaid).ms);
}

/** Tells the team what is kept for it, and what it can do. One that says so already is not written again. */
export async function tellParkedSpace(ports: Ports, ref: EntityRef, record: ParkedRecord): Promise<void> {
  const { store, events } = ports;
  const present = (await store.get(parkedSpaceRef(ref))) as ParkedSpace | undefined;
  const parked = present ?? ((await store.create(newParkedSpace(ref))) as ParkedSpace);
  const status = statusOf(ref, record, endOfParking(record, parked));
  if (!isSameValue(status, parked.status)) {
    await store.patchStatus({ ref: refOf(parked), status: { messages: null, queues: null, ...status } });
  }
  if (present === undefined) await events.record(parked, 'Normal', 'MessagesKept', status.message ?? '');
}

function newParkedSpace({ namespace, name }: EntityRef): KubeObject {
  return { ...kindRef('ParkedSpace'), metadata: { namespace, name } };
}

function statusOf(
  { namespace, name }: EntityRef,
  { parkedAt, counts }: ParkedRecord,
  destroyAt: string,
): ParkedSpaceStatus {
  const what =
    counts === undefined
      ? 'what its broker holds, which could not be counted,'
      : `${counts.messages} ${counts.messages === 1 ? 'message' : 'messages'} in ${counts.queues} ${counts.queues === 1 ? 'queue' : 'queues'}`;
  return {
    ...(counts === undefined ? {} : { messages: counts.messages, queues: counts.queues }),
    parkedAt,
    destroyAt,
    message: `address space ${name} is gone; ${what} is kept until ${destroyAt}. Create an AddressSpace ${name} in ${namespace} again to have it back; annotate this object with ${annotations.parkFor}=0s to let it go now, or with a longer time`,
  };
}
