import { toBase64, type KubeObject } from '@samband/resources';

/**
 * Whether everything a manifest declares is so in the live object; what others or the API server added does not
 * count. `null` declares that a field is absent.
 * @param isKnown the very same manifest was applied before: then what the API server is known to rewrite
 *   (quantities, empty values that it drops) counts as equal
 */
export function isDeclaredIn(manifest: KubeObject, live: KubeObject, isKnown: boolean): boolean {
  const declared = withData(manifest);
  // Another served version of the same object is no difference.
  return isSubset({ ...declared, apiVersion: live.apiVersion }, live, isKnown);
}

export function isSubset(declared: unknown, live: unknown, isKnown: boolean): boolean {
  if (declared === null || declared === undefined) return live === null || live === undefined;
  if (live === undefined) return isKnown && isEmpty(declared);
  if (Array.isArray(declared)) {
    return (
      Array.isArray(live) &&
      declared.length === live.length &&
      declared.every((item, index) => isSubset(item, live[index], isKnown))
    );
  }
  if (typeof declared === 'object') {
    if (typeof live !== 'object' || live === null || Array.isArray(live)) return false;
    return Object.entries(declared).every(([key, value]) =>
      isSubset(value, Object.hasOwn(live, key) ? (live as Record<string, unknown>)[key] : undefined, isKnown),
    );
  }
  return declared === live || (isKnown && isSameQuantity(declared, live));
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).every((item) => isEmpty(item));
  return value === '' || value === 0 || value === false;
}

const quantity = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,3})|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/;
const decimals = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binaries = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** `0.5` and `500m`, `1024Mi` and `1Gi`: the API server writes quantities its own way. */
function isSameQuantity(a: unknown, b: unknown): boolean {
  const [x, y] = [quantityOf(a), quantityOf(b)];
  return x !== undefined && y !== undefined && Math.abs(x - y) <= Math.abs(x) * 1e-12;
}

function quantityOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const match = typeof value === 'string' && value.length <= 64 ? quantity.exec(value) : null;
  if (match === null) return undefined;
  const [, amount, exponent, suffix = ''] = match;
  if (exponent !== undefined) return Number(`${amount ?? '0'}e${exponent}`);
  const power = binaries.indexOf(suffix);
  const factor = power > 0 ? 1024 ** power : 1000 ** (decimals.indexOf(suffix) - 3);
  return Number(amount) * factor;
}

/** A Secret as the API server stores it: `stringData` becomes `data`, in base64. */
export function withData(secret: KubeObject): KubeObject {
  if (secret.kind !== 'Secret' || secret.apiVersion !== 'v1') return secret;
  const { stringData, data, ...rest } = secret;
  if (typeof stringData !== 'object' || stringData === null) return secret;
  const merged: Record<string, unknown> = typeof data === 'object' ? { ...data } : {};
  for (const [key, text] of Object.entries(stringData as Record<string, unknown>)) {
    merged[key] = typeof text === 'string' ? toBase64(text) : text;
  }
  return {
    ...rest,
    apiVersion: secret.apiVersion,
    kind: secret.kind,
    metadata: secret.metadata,
    data: merged,
  };
}
