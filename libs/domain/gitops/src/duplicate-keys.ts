import { quote, type WarningCode } from './problems.js';
import { SourceMistake, type JsonValue, type SourceProblem } from './source-value.js';

/** A key that stood in its mapping before. */
export interface TwiceKey {
  readonly key: string;
  /** Where it stands again: offset in the text. */
  readonly at: number;
}

/** In a mapping that says which object is meant, two of these are two objects that ran into each other. */
const identifying: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'name',
  'namespace',
  'metadata',
  'spec',
]);

/**
 * Of a key twice in one mapping the last one counts, as for EnMasse and older kubectl. Throws where that may be a whole
 * object lost, such as after a `---` that went missing: at the root of a document or object, and for what names one.
 */
export function refuseTwice(
  twice: readonly TwiceKey[],
  mapping: Readonly<Record<string, JsonValue>>,
  depth: number,
): void {
  const isRoot = depth === 0 || (Object.hasOwn(mapping, 'apiVersion') && Object.hasOwn(mapping, 'kind'));
  const refused = twice.find(({ key }) => isRoot || identifying.has(key));
  if (refused === undefined) return;
  const message = `the key ${quote(refused.key)} stands twice in one mapping: remove one`;
  throw new SourceMistake('DUPLICATE_KEY', message, refused.at);
}

/** More of them of one document say nothing new. */
const MAX_WARNINGS = 100;

export function twiceWarnings(
  twice: readonly TwiceKey[],
  lineAt: (offset: number) => number,
): SourceProblem<WarningCode>[] {
  return twice.slice(0, MAX_WARNINGS).map(({ key, at }) => ({
    code: 'KEY_REPLACED',
    message: `the key ${quote(key)} stands twice in one mapping: this one, the last, counts; remove the other`,
    line: lineAt(at),
  }));
}
