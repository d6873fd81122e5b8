import {
  annotations,
  conditionTypes,
  type AddressSpace,
  type Condition,
  type ParkedAddress,
} from '@samband/resources';
import type { Ports } from '../ports.js';
import type { BrokerSession } from './sessions.js';

/** Looks whether messages still have room. When they have none any more, an Event says so once. */
export async function lookAtMemory(
  ports: Ports,
  session: BrokerSession,
  space: AddressSpace,
  parked: readonly ParkedAddress[],
): Promise<string | undefined> {
  const { usedBytes, maxBytes, largest } = await session.management.memoryUse();
  if (largest.length === 0) {
    session.isFull = false;
    return undefined;
  }
  const isParked = new Set(parked.map(({ address }) => address));
  const holders = largest.map(({ address, bytes, messages }) => {
    const held = `${address} ${mebibytes(bytes)} in ${messages} messages`;
    return isParked.has(address) ? `${held} (removed, parked)` : held;
  });
  const ways = [
    'receive messages',
    ...(largest.some(({ address }) => isParked.has(address))
      ? [`let go of what is parked by the annotation ${annotations.parkFor}: 0s on the AddressSpace`]
      : []),
    'or choose a plan with more memory',
  ];
  const message = `messages take ${mebibytes(usedBytes)} of ${mebibytes(maxBytes)}: ${holders.join(', ')}; ${ways.join(', ')}`;
  if (!session.isFull) await ports.events.record(space, 'Warning', 'MemoryFull', message);
  session.isFull = true;
  return message;
}

export function fullCondition(full: string | undefined): Omit<Condition, 'lastTransitionTime'> {
  return full === undefined
    ? { type: conditionTypes.full, status: 'False', reason: 'Ready', message: '' }
    : { type: conditionTypes.full, status: 'True', reason: 'MemoryFull', message: full };
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
