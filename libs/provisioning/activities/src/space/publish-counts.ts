import {
  conditionTypes,
  findCondition,
  setCondition,
  type AddressSpace,
  type ClientSubscriptions,
  type Condition,
  type ParkedAddress,
} from '@samband/resources';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import { isSameValue } from '../same.js';
import { spaceRef } from './refs.js';

export interface Counts {
  readonly declared: number;
  readonly ready: number;
  readonly parked: readonly ParkedAddress[];
  readonly subscriptions: ClientSubscriptions;
}

/** As many parked addresses as the CRD admits, and as leave room for the rest in what etcd takes: 1.5 MiB. */
const most = { listed: 5_000, bytes: 256 * 1024 };

/** Says in the status of the space what became of its addresses, as soon as that is so. */
export async function publishCounts(
  ports: Ports,
  ref: EntityRef,
  known: AddressSpace,
  { declared, ready, parked, subscriptions }: Counts,
): Promise<void> {
  const listed = listedOf(parked);
  const next = {
    addresses: { declared, ready, parked: parked.length },
    parkedAddresses: listed,
    parkedAddressesOmitted: parked.length - listed.length,
    subscriptions,
  };
  const { parkedAddresses = [], parkedAddressesOmitted = 0, ...said } = known.status ?? {};
  const before = {
    parkedAddresses,
    parkedAddressesOmitted,
    addresses: said.addresses,
    subscriptions: said.subscriptions,
  };
  if (isSameValue(next, before)) return;
  const space = (await ports.store.get(spaceRef(ref))) as AddressSpace | undefined;
  const conditionsBefore = space?.status?.conditions ?? [];
  if (findCondition(conditionsBefore, conditionTypes.parked) !== undefined) {
    // The condition must not say for a moment what the list beside it denies.
    const now = ports.now().toISOString();
    const { generation = 1, resourceVersion = '' } = space?.metadata ?? {};
    const conditions = setCondition(
      conditionsBefore,
      { ...parkedCondition(parked.length), observedGeneration: generation },
      now,
    );
    const status = { ...next, conditions };
    if ((await ports.store.patchStatus({ ref: spaceRef(ref), status, resourceVersion })) !== 'conflict')
      return;
  }
  await ports.store.patchStatus({ ref: spaceRef(ref), status: next });
}

/** The first of them: those that are the next to be destroyed. */
function listedOf(parked: readonly ParkedAddress[]): ParkedAddress[] {
  const listed: ParkedAddress[] = [];
  let bytes = '[]'.length;
  for (const one of parked.slice(0, most.listed)) {
    bytes += Buffer.byteLength(JSON.stringify(one)) + 1;
    if (bytes > most.bytes) break;
    listed.push(one);
  }
  return listed;
}

export function parkedCondition(count: number): Omit<Condition, 'lastTransitionTime'> {
  return {
    type: conditionTypes.parked,
    status: count > 0 ? 'True' : 'False',
    reason: count > 0 ? 'MessagesKept' : 'Ready',
    message:
      count > 0
        ? `${count} ${count === 1 ? 'queue' : 'queues'} of removed addresses with messages, see status.parkedAddresses`
        : '',
  };
}
