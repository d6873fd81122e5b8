/**
 * What an unquoted YAML scalar means to kubectl. Kubernetes reads YAML with sigs.k8s.io/yaml over
 * go.yaml.in/yaml/v2, which is YAML 1.1 with exceptions: `yes`, `on` and `y` are booleans and `014` is octal,
 * but base 60 numbers and timestamps stay text, and `0o14` is octal too. Source: `resolve.go` of that module.
 */
export type PlainValue =
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  /** Has no place in JSON, or would lose digits: kubectl refuses it or sends something else than is written. */
  | { readonly kind: 'refused'; readonly why: string };

const words = new Map<string, boolean | null>([
  ...spellings(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'], true),
  ...spellings(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'], false),
  ...spellings(['', '~', 'null', 'Null', 'NULL'], null),
]);

const notFinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const dotFloat = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
const integer = /^[-+]?(?:0|[1-9][0-9]*)$/;
const prefixed = /^([-+]?)0(?:[xX]([0-9a-fA-F]+)|[oO]?([0-7]+)|[bB]([01]+))$/;

export function resolvePlain(text: string): PlainValue {
  const word = words.get(text);
  if (word !== undefined) return { kind: 'value', value: word };
  if (notFinite.test(text)) return lossy();
  const first = text.charAt(0);
  if (first === '.')
    return dotFloat.test(text) ? exact(text, Number(text.replaceAll('_', ''))) : asText(text);
  if (!/[-+0-9]/.test(first)) return asText(text);
  return resolveNumber(text);
}

function resolveNumber(text: string): PlainValue {
  const digits = text.replaceAll('_', '');
  if (integer.test(digits)) return exactInteger(text, Number(digits));
  const match = prefixed.exec(digits);
  if (match !== null) {
    const [, sign, hex, octal, binary] = match;
    const size =
      hex !== undefined
        ? Number.parseInt(hex, 16)
        : octal !== undefined
          ? Number.parseInt(octal, 8)
          : Number.parseInt(binary ?? '', 2);
    return exactInteger(text, sign === '-' && size !== 0 ? -size : size);
  }
  return float.test(digits) ? exact(text, Number(digits)) : asText(text);
}

function asText(text: string): PlainValue {
  return { kind: 'value', value: text };
}

function exactInteger(text: string, value: number): PlainValue {
  return Number.isSafeInteger(value) ? { kind: 'value', value: value === 0 ? 0 : value } : lossy();
}

/** A float may be rounded as Go rounds it; an integer written as one may not lose digits. */
function exact(text: string, value: number): PlainValue {
  const isLossy = !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value));
  return isLossy ? lossy() : { kind: 'value', value };
}

/** Not with the number: it may be a password that lacks quotes. */
function lossy(): PlainValue {
  return { kind: 'refused', why: 'this number cannot be kept exactly: quote it if it is text' };
}

function spellings<T>(texts: readonly string[], value: T): [string, T][] {
  return texts.map((text) => [text, value]);
}
