/** One credit, in the integer unit that sums are counted in: fractions such as 0.001 do not add up exactly. */
export const MICROS_PER_CREDIT = 1_000_000;

/**
 * A credit as plans write it (`0.001`) in millionths, exactly. `undefined` when it is negative, no finite
 * number, or finer than a millionth.
 */
export function toMicroCredits(credit: number): number | undefined {
  if (!Number.isFinite(credit) || credit < 0) return undefined;
  const micros = Math.round(credit * MICROS_PER_CREDIT);
  // The nearest double of a decimal with at most six places, and of nothing else.
  return Number.isSafeInteger(micros) && micros / MICROS_PER_CREDIT === credit ? micros : undefined;
}

/** Millionths as people and plans write credits: `3300` × `0.001` is `3.3`. */
export function formatCredits(micros: number): string {
  return String(micros / MICROS_PER_CREDIT);
}
