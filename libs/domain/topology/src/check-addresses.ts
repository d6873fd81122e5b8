import { harmless, type Address, type Reason } from '@samband/resources';
import { addressNameFault } from './address-names.js';

/** Why one Address of a space cannot be served, though each by itself fits its schema. */
export interface AddressFault {
  readonly address: Address;
  readonly code: Reason;
  readonly message: string;
}

/**
 * Judges the Addresses of one space together; what they refer to must itself be without fault. Of several with
 * the same `spec.address` one wins: the one that is ready, else the oldest.
 *
 * @returns at most one fault per Address, in the order of the input
 */
export function checkAddresses(addresses: readonly Address[]): AddressFault[] {
  const faults = new Map<Address, AddressFault>();
  const winners = new Map<string, Address>();
  for (const address of addresses) {
    const fault = addressNameFault(address.spec.address);
    if (fault !== undefined) {
      faults.set(address, {
        address,
        code: 'Invalid',
        message: `the address ${quote(address.spec.address)} ${fault}`,
      });
      continue;
    }
    const rival = winners.get(address.spec.address);
    if (rival === undefined || winsOver(address, rival)) winners.set(address.spec.address, address);
  }
  // Each refers only to such that are judged before it.
  for (const address of addresses.toSorted((a, b) => rankOf(a) - rankOf(b))) {
    if (faults.has(address)) continue;
    const fault = duplicateFault(address, winners) ?? referenceFault(address, winners, faults);
    if (fault !== undefined) faults.set(address, fault);
  }
  return addresses.flatMap((address) => faults.get(address) ?? []);
}

/** Subscriptions refer to topics, queues and topics to dead letter addresses. */
function rankOf({ spec }: Address): number {
  if (spec.type === 'deadletter') return 0;
  return spec.type === 'subscription' ? 2 : 1;
}

function duplicateFault(address: Address, winners: ReadonlyMap<string, Address>): AddressFault | undefined {
  const winner = winners.get(address.spec.address);
  if (winner === undefined || winner === address) return undefined;
  const message = `the address ${quote(address.spec.address)} already exists with resource name ${winner.metadata.name}`;
  return { address, code: 'DuplicateAddress', message };
}

function referenceFault(
  address: Address,
  winners: ReadonlyMap<string, Address>,
  faults: ReadonlyMap<Address, AddressFault>,
): AddressFault | undefined {
  const { spec } = address;
  const typeOf = (name: string): string | undefined => {
    const found = winners.get(name);
    return found === undefined || faults.has(found) ? undefined : found.spec.type;
  };
  if (spec.type === 'subscription') {
    const { topic } = spec;
    if (topic === undefined)
      return { address, code: 'UnknownTopic', message: 'a subscription needs spec.topic' };
    const type = typeOf(topic);
    if (type === undefined) {
      return {
        address,
        code: 'UnknownTopic',
        message: `the topic ${quote(topic)} does not exist in this address space, or cannot be served itself`,
      };
    }
    if (type !== 'topic') {
      return { address, code: 'UnknownTopic', message: `${quote(topic)} is no topic, but of type ${type}` };
    }
  }
  for (const field of ['deadletter', 'expiry'] as const) {
    const target = spec[field];
    if (target === undefined) continue;
    if (spec.type !== 'queue' && spec.type !== 'topic') {
      return {
        address,
        code: 'Invalid',
        message: `spec.${field} is for queues and topics, not for type ${spec.type}`,
      };
    }
    const type = typeOf(target);
    if (type === undefined) {
      const message = `spec.${field}: the address ${quote(target)} does not exist in this address space, or cannot be served itself`;
      return { address, code: 'UnknownDeadletter', message };
    }
    if (type !== 'deadletter') {
      const message = `spec.${field}: ${quote(target)} is not of the expected type deadletter, but of type ${type}`;
      return { address, code: 'UnknownDeadletter', message };
    }
  }
  return undefined;
}

function winsOver(a: Address, b: Address): boolean {
  const [readyA, readyB] = [a.status?.isReady === true, b.status?.isReady === true];
  if (readyA !== readyB) return readyA;
  // An object without a time is yet to be created: it comes last.
  const [ageA, ageB] = [a.metadata.creationTimestamp ?? '~', b.metadata.creationTimestamp ?? '~'];
  return ageA === ageB ? a.metadata.name < b.metadata.name : ageA < ageB;
}

function quote(text: string): string {
  return harmless(JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text));
}
