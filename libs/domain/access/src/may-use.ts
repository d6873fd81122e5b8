import type { Grant, Operation } from './grant.js';
import { matchesPattern, parsePattern } from './pattern.js';
import { includedIn } from './rights.js';

/**
 * Whether a user may do something with an address: the plain meaning of grants, which `foldPermissions`
 * translates for the broker.
 *
 * @param address of a queue or topic, or `topic::subscription`, which also counts as either of its halves
 */
export function mayUse(
  grants: readonly Grant[],
  role: string,
  operation: Operation,
  address: string,
): boolean {
  const names = namesOf(address);
  return grants.some(
    (grant) =>
      grant.role === role &&
      grant.operations.some((own) => includedIn[operation].includes(own)) &&
      grant.addresses.some((text) => {
        const parsed = parsePattern(text);
        return parsed.ok && names.some((name) => matchesPattern(parsed.pattern, name));
      }),
  );
}

/** Names under which a pattern may match: a subscription is known by its own, its topic's and both together. */
export function namesOf(address: string): string[] {
  const [topic, subscription] = splitSubscription(address);
  return subscription === undefined ? [address] : [address, topic, subscription];
}

/** `topic::subscription` in its halves; the second is absent for all other addresses. */
export function splitSubscription(address: string): [topic: string, subscription?: string] {
  const at = address.indexOf('::');
  return at < 0 ? [address] : [address.slice(0, at), address.slice(at + 2)];
}
