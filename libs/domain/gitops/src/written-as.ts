import type { PathStep } from './manifest.js';
import { resolvePlain } from './plain-scalar.js';

/** Values of these fields stand in no message, whatever is wrong with them. */
const secret =
  /^(?:.*password|tlsKey|tlsCert|.*token|.*key|value|javaOpts|credentials|annotations|data|stringData)$/i;

/** A longer one nobody wrote by hand. */
const MAX_LINE = 1_000;

/**
 * How a number or boolean stands in its file, to be shown in quotes: `1.0` is a 1 once it is read, `on` a true.
 * `undefined` where that is not certain, and where it may be a secret.
 * @param line the text of the line where the field stands
 */
export function writtenAs(path: readonly PathStep[], value: unknown, line: string): string | undefined {
  if (typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  if (path.some((step) => typeof step === 'string' && secret.test(step))) return undefined;
  if (line.length > MAX_LINE) return undefined;
  const key = path.at(-1);
  const words = line
    .replace(/\s#.*$/, '')
    .split(/[\s,[\]{}"']+|:(?=\s)/)
    .filter((word) => word !== '');
  const after = typeof key === 'string' ? words.slice(words.lastIndexOf(key) + 1) : words;
  return after.find((word) => {
    const resolved = resolvePlain(word);
    return resolved.kind === 'value' && resolved.value === value;
  });
}

/** The lines of a file, cut when the first is asked for: most files have no problem. */
export function linesOfText(text: string): (line: number) => string {
  let lines: readonly string[] | undefined;
  return (line) => {
    lines ??= text.split('\n');
    return lines[line - 1] ?? '';
  };
}
