const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const WHOLE = /^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/;
const PART = /([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)/g;

/**
 * A duration as Go writes it (`5m`, `1h30m`, `1.5s`) in whole milliseconds. `undefined` when it is none
 * (a sign, another unit such as `1d` or `1y`, `P1D`, more than 32 characters) or lies outside the bounds.
 */
export function parseGoDuration(
  written: string,
  bounds: { readonly min: number; readonly max: number } = { min: 0, max: Number.MAX_SAFE_INTEGER },
): number | undefined {
  if (written.length > 32) return undefined;
  if (written === '0') return bounds.min <= 0 ? 0 : undefined;
  if (!WHOLE.test(written)) return undefined;
  let total = 0;
  for (const [, amount, unit] of written.matchAll(PART)) total += Number(amount) * (UNITS[unit ?? ''] ?? NaN);
  const ms = Math.round(total);
  return Number.isSafeInteger(ms) && ms >= bounds.min && ms <= bounds.max ? ms : undefined;
}
