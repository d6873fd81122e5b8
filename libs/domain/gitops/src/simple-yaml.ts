import type { PathStep } from './manifest.js';
import { resolvePlain } from './plain-scalar.js';
import type { JsonValue } from './source-value.js';

/**
 * Reads the YAML that most manifests are made of (nested mappings of plain keys and short scalars, one a line)
 * fifteen times as fast as a whole YAML parser: with ten thousand addresses in a commit that is most of the time
 * that planning takes. Whatever is not certainly such a text is left to the parser; a property test holds the two
 * against each other.
 */
export interface SimpleDocument {
  readonly value: Readonly<Record<string, JsonValue>>;
  /** Lines before the first key. */
  readonly skippedLines: number;
  /** How many keys there are, each with its value. */
  readonly keys: number;
}

const keyLine = /( *)([A-Za-z][A-Za-z0-9_./-]{0,200}):(?: +([^ ].*))?(?:\n|$)/y;
const blankOrComment = / *(?:#[^\n]*)?(?:\n|$)/y;
const word = '[A-Za-z0-9_./@%+=~-]|:(?=[A-Za-z0-9_./@%+=~-])';
const plain = new RegExp(
  `^(?:[A-Za-z0-9_./+]|-(?=[0-9.]))(?:${word})*(?: (?:[A-Za-z0-9_./@+=~-])(?:${word})*)*$`,
);
const quoted = /^(?:"([^"\\]*)"|'([^']*)')$/;

interface Level {
  readonly indent: number;
  readonly mapping: Record<string, JsonValue>;
}

/** Of each mapping, where its keys stand: 0-based lines. */
export type KeyLines = Map<unknown, Map<PathStep, number>>;

/**
 * @param lines filled when given: problems ask for them, and those are seldom
 * @param mostKeys where it stops: who gives it looks whether there are more
 * @returns undefined when the text is not that simple, right or wrong
 */
export function readSimpleYaml(
  text: string,
  lines?: KeyLines,
  mostKeys = Infinity,
): SimpleDocument | undefined {
  const root: Record<string, JsonValue> = {};
  const levels: Level[] = [{ indent: 0, mapping: root }];
  /** A key whose value is still to come: a deeper mapping, or nothing. */
  let open: { readonly level: Level; readonly key: string } | undefined;
  let skippedLines = 0;
  let keys = 0;
  let at = 0;
  let line = -1;
  while (at < text.length && keys <= mostKeys) {
    line++;
    blankOrComment.lastIndex = at;
    if (blankOrComment.test(text)) {
      at = blankOrComment.lastIndex;
      if (keys === 0) skippedLines++;
      continue;
    }
    keyLine.lastIndex = at;
    const match = keyLine.exec(text);
    if (match === null) return undefined;
    at = keyLine.lastIndex;
    const [, spaces = '', key = '', scalar] = match;
    const level = enter(levels, open, spaces.length);
    if (level === undefined || Object.hasOwn(level.mapping, key) || !isText(key)) return undefined;
    keys++;
    const value = scalar === undefined ? { value: null } : readScalar(scalar);
    if (value === undefined) return undefined;
    level.mapping[key] = value.value;
    if (lines !== undefined) noteLine(lines, level.mapping, key, line);
    open = scalar === undefined ? { level, key } : undefined;
  }
  return keys === 0 ? undefined : { value: root, skippedLines, keys };
}

function noteLine(lines: KeyLines, mapping: unknown, key: string, line: number): void {
  const known = lines.get(mapping) ?? new Map<PathStep, number>();
  lines.set(mapping, known.set(key, line));
}

/**
 * Tells the 0-based line of the key at a path of a simple text, or of its nearest parent. The full parser would
 * need a hundred times as long, and a commit may hold thousands of documents with a problem.
 */
export function locateInSimpleYaml(text: string): (path: readonly PathStep[]) => number {
  const lines: KeyLines = new Map();
  const document = readSimpleYaml(text, lines);
  return (path) => {
    let value: unknown = document?.value;
    let found = document?.skippedLines ?? 0;
    for (const step of path) {
      const line = lines.get(value)?.get(step);
      if (line === undefined) break;
      found = line;
      value = (value as Record<PathStep, unknown>)[step];
    }
    return found;
  };
}

/** The mapping that a line of this indentation belongs to; `undefined` when there is none. */
function enter(
  levels: Level[],
  open: { readonly level: Level; readonly key: string } | undefined,
  indent: number,
): Level | undefined {
  if (open !== undefined && indent > open.level.indent) {
    if (levels.length > 20) return undefined;
    const level: Level = { indent, mapping: {} };
    open.level.mapping[open.key] = level.mapping;
    levels.push(level);
    return level;
  }
  while ((levels.at(-1)?.indent ?? 0) > indent) levels.pop();
  const level = levels.at(-1);
  return level?.indent === indent ? level : undefined;
}

function isText(key: string): boolean {
  const resolved = resolvePlain(key);
  return resolved.kind === 'value' && resolved.value === key;
}

function readScalar(scalar: string): { readonly value: JsonValue } | undefined {
  const quote = quoted.exec(scalar);
  if (quote !== null) return { value: quote[1] ?? quote[2] ?? '' };
  if (!plain.test(scalar)) return undefined;
  const resolved = resolvePlain(scalar);
  return resolved.kind === 'value' ? { value: resolved.value } : undefined;
}
