import type { MessageRedelivery, MessageTtl } from '@samband/resources';

/**
 * Bounds of the time to live as they are in force, in ms; `undefined` when there are none. Values below 1 count
 * as not given; a pair whose minimum is not below its maximum counts as not given. The address may only narrow
 * what the plan says; where both together leave nothing, the plan stands.
 */
export function effectiveTtl(
  plan: MessageTtl | undefined,
  address: MessageTtl | undefined,
): MessageTtl | undefined {
  const base = cleaned(plan);
  const wish = cleaned(address);
  const merged = cleaned({
    ...bound('minimum', greatest(base.minimum, wish.minimum)),
    ...bound('maximum', least(base.maximum, wish.maximum)),
  });
  const result = hasBounds(merged) ? merged : base;
  return hasBounds(result) ? result : undefined;
}

/** Redelivery as it is in force: the plan's values, each replaced by the address's where it has one. */
export function effectiveRedelivery(
  plan: MessageRedelivery | undefined,
  address: MessageRedelivery | undefined,
): MessageRedelivery | undefined {
  const merged = { ...plan, ...address };
  return Object.keys(merged).length === 0 ? undefined : merged;
}

function cleaned(ttl: MessageTtl | undefined): MessageTtl {
  const minimum = usable(ttl?.minimum);
  const maximum = usable(ttl?.maximum);
  if (minimum !== undefined && maximum !== undefined && minimum >= maximum) return {};
  return { ...bound('minimum', minimum), ...bound('maximum', maximum) };
}

function usable(ms: number | undefined): number | undefined {
  return ms !== undefined && ms >= 1 ? ms : undefined;
}

function bound(key: 'minimum' | 'maximum', ms: number | undefined): MessageTtl {
  return ms === undefined ? {} : { [key]: ms };
}

function greatest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function hasBounds(ttl: MessageTtl): boolean {
  return ttl.minimum !== undefined || ttl.maximum !== undefined;
}
