import { maxAddressLength, reservedFault, unsafeCharacter } from '@samband/access';

/** Whether a queue or address of a broker is its own or ours: never shown, never taken for an orphan. */
export function isInternal(name: string): boolean {
  return reservedFault(name) !== undefined;
}

/**
 * Why no tenant can have an address of this name; `undefined` when it is fine. For people: says what to change.
 */
export function addressNameFault(address: string): string | undefined {
  if (address === '') return 'must not be empty';
  if (address.length > maxAddressLength) return `must not be longer than ${maxAddressLength} characters`;
  const reserved = reservedFault(address);
  if (reserved !== undefined) return reserved;
  if (address.includes('::')) return 'must not contain "::", which parts a topic from its subscription';
  const wildcard = /[+#*]/.exec(address)?.[0];
  if (wildcard !== undefined) return `must not contain "${wildcard}", which is a wildcard`;
  const character = unsafeCharacter(address);
  if (character !== undefined)
    return `must not contain ${JSON.stringify(character)}: no permission could be kept for it`;
  return undefined;
}
