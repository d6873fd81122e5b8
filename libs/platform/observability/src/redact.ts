const mask = '***';

/** Keys whose values are never logged, compared in lower case without `-` and `_`. */
const secretKeys = new Set([
  'password',
  'passwd',
  'passphrase',
  'secret',
  'clientsecret',
  'token',
  'accesstoken',
  'refreshtoken',
  'privatetoken',
  'bearer',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'tlskey',
  'privatekey',
  'identity',
  'credentials',
  'credential',
  'kubeconfig',
  'xgitlabtoken',
  'xhubsignature256',
  'webhooksignature',
]);

/** The contents of Secrets and ConfigMaps: the keys are logged, the values are not. */
const contentKeys = new Set(['data', 'stringdata', 'binarydata']);

const limits = { depth: 6, entries: 100, text: 4096 };

/**
 * A copy of `value` that is safe to log: secrets masked at any depth, credentials cut out of URLs and texts,
 * errors spelled out, and size bounded in depth, entries and text.
 */
export function redact(value: unknown): unknown {
  return walk(value, 0, new Set());
}

/** Masks what looks like a credential inside a text: user-info of URLs, bearer tokens, JSON web tokens, keys. */
export function redactText(text: string): string {
  const cut = text.length > limits.text ? `${text.slice(0, limits.text)}…` : text;
  return cut
    .replaceAll(/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]{1,1024}@/giu, `$1${mask}@`)
    .replaceAll(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/giu, `$1 ${mask}`)
    .replaceAll(/\beyJ[\w-]{8,}\.[\w-]{4,}(\.[\w-]*)?/gu, mask)
    .replaceAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/gu, mask);
}

function walk(value: unknown, depth: number, seen: Set<object>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return '[circular]';
  if (depth >= limits.depth) return '[deep]';
  seen.add(value);
  const copy = copyOf(value, depth, seen);
  seen.delete(value);
  return copy;
}

function copyOf(value: object, depth: number, seen: Set<object>): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (isError(value)) return describeError(value, depth, seen);
  if (Array.isArray(value)) {
    const head = value.slice(0, limits.entries).map((item) => walk(item, depth + 1, seen));
    return value.length > limits.entries ? [...head, `[${value.length - limits.entries} more]`] : head;
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const json = (value.toJSON as () => unknown)();
    if (typeof json !== 'object' || json === null) return walk(json, depth, seen);
  }
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value).slice(0, limits.entries)) {
    copy[key] = entry(key, item, depth, seen);
  }
  return copy;
}

function entry(key: string, item: unknown, depth: number, seen: Set<object>): unknown {
  const name = key.toLowerCase().replaceAll(/[-_]/gu, '');
  if (secretKeys.has(name)) return item === undefined ? undefined : mask;
  if (!contentKeys.has(name)) return walk(item, depth + 1, seen);
  if (typeof item !== 'object' || item === null) return item === undefined ? undefined : mask;
  return Object.fromEntries(
    Object.keys(item)
      .slice(0, limits.entries)
      .map((inner) => [inner, mask]),
  );
}

/** By shape, not by class: Jest and workflow sandboxes have realms of their own. */
function isError(value: object): value is Error {
  return value instanceof Error || ('stack' in value && 'message' in value && 'name' in value);
}

function describeError(error: Error, depth: number, seen: Set<object>): Record<string, unknown> {
  const { code, facts } = error as { code?: unknown; facts?: unknown };
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: redactText(error.message),
    ...(facts === undefined ? {} : { facts: walk(facts, depth + 1, seen) }),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: walk(error.cause, depth + 1, seen) }),
  };
}
