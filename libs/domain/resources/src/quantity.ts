const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const QUANTITY = /^([0-9]+(?:\.[0-9]+)?)(?:[eE]([0-9]{1,2})|(m|k|K|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/;
const BROKER_SIZE = /^([0-9]+)\s*([kmg]?)b?$/i;
const BROKER_FACTORS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/**
 * A Kubernetes quantity of bytes (`512Mi`, `2Gi`, `1.5G`, `1e9`) in whole bytes, rounded up. `undefined`
 * when it is none, is negative, or is too large to be counted exactly (2^53).
 */
export function parseBytes(quantity: string): number | undefined {
  const match = quantity.length <= 64 ? QUANTITY.exec(quantity) : null;
  if (match === null) return undefined;
  const [, amount, exponent, suffix] = match;
  const factor = exponent === undefined ? FACTORS[suffix ?? ''] : 10 ** Number(exponent);
  return wholeBytes(Math.ceil(Number(amount) * (factor ?? NaN)));
}

/**
 * A size as Artemis and EnMasse's `globalMaxSize` write it (`64Mb`, `1 GB`, `1048576`, any case; powers of
 * 1024) in bytes. `undefined` as with `parseBytes`.
 */
export function parseBrokerSize(size: string): number | undefined {
  const match = size.length <= 32 ? BROKER_SIZE.exec(size) : null;
  if (match === null) return undefined;
  const [, amount, suffix] = match;
  return wholeBytes(Number(amount) * (BROKER_FACTORS[(suffix ?? '').toLowerCase()] ?? NaN));
}

function wholeBytes(bytes: number): number | undefined {
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
