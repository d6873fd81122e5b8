import type { RolloutPlan } from '@samband/gitops';
import {
  isOfKind,
  spaceOfAddress,
  type Address,
  type AddressSpace,
  type ObjectRef,
} from '@samband/resources';
import { clientAddress } from '@samband/topology';
import type { EntityRef } from '@samband/contract';
import type { Ports } from '../ports.js';
import { parkTime } from '../space/park-time.js';
import { spaceRef } from '../space/refs.js';
import { ownInfra } from '../space/remove.js';

/** What a commit removes of one space whose broker may hold messages. */
export interface RemovalsOfSpace extends EntityRef {
  readonly hostId: string;
  /** How long messages are kept (Go duration); absent where they are not. */
  readonly parkFor?: string;
  /** `all` when the space itself is removed. */
  readonly addresses: 'all' | readonly { readonly name: string; readonly queue: string }[];
}

/** By space; of each only what the commit removes. Spaces that never had a broker hold nothing. */
export async function removalsAtRisk(ports: Ports, plan: RolloutPlan): Promise<RemovalsOfSpace[]> {
  const found: RemovalsOfSpace[] = [];
  for (const [space, addresses] of bySpace(ports, plan).values()) {
    const infra = await ownInfra(ports, space);
    if (infra === undefined) continue;
    const object = ports.view.get(spaceRef(space)) as AddressSpace | undefined;
    const { ms, text } = parkTime(object);
    found.push({ ...space, hostId: infra.hostId, addresses, ...(ms > 0 ? { parkFor: text } : {}) });
  }
  return found;
}

function bySpace(
  { view }: Ports,
  { entries }: RolloutPlan,
): Map<string, [EntityRef, RemovalsOfSpace['addresses']]> {
  const removed = entries.filter(({ action }) => action === 'remove').map(({ ref }) => ref);
  const found = new Map<string, [EntityRef, 'all' | { name: string; queue: string }[]]>();
  const key = ({ namespace, name }: EntityRef): string => `${namespace}/${name}`;
  for (const ref of removed) {
    if (!isOfOurs(ref, 'AddressSpace')) continue;
    const space = { namespace: ref.namespace ?? '', name: ref.name };
    found.set(key(space), [space, 'all']);
  }
  for (const ref of removed) {
    const name = isOfOurs(ref, 'Address') ? spaceOfAddress(ref.name) : undefined;
    const address = view.get(ref) as Address | undefined;
    // A topic holds nothing itself.
    if (name === undefined || address === undefined || address.spec.type === 'topic') continue;
    const space = { namespace: ref.namespace ?? '', name };
    const [, addresses] = found.get(key(space)) ?? [space, []];
    if (addresses === 'all') continue;
    addresses.push({ name: ref.name, queue: queueOf(address) });
    found.set(key(space), [space, addresses]);
  }
  return found;
}

function isOfOurs(ref: ObjectRef, kind: 'AddressSpace' | 'Address'): boolean {
  return isOfKind(kind, { ...ref, metadata: { name: ref.name } });
}

/** A subscription's queue has its name alone; `topic::subscription` is how clients attach. */
function queueOf(address: Address): string {
  return address.spec.type === 'subscription' ? address.spec.address : clientAddress(address);
}
