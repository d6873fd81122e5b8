import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  type CST,
  type Document,
  type YAMLMap,
} from 'yaml';
import { twiceWarnings } from './duplicate-keys.js';
import { indexLines } from './line-index.js';
import type { PathStep } from './manifest.js';
import { locateInSimpleYaml, readSimpleYaml } from './simple-yaml.js';
import {
  SourceMistake,
  tooManyValues,
  tooMuchInOne,
  type InSteps,
  type SourceDocument,
  type SourceDocuments,
  type SourceLimits,
  type SourceProblem,
} from './source-value.js';
import { sayYamlMistake } from './yaml-mistakes.js';
import { keyText, YamlConverter } from './yaml-values.js';

/**
 * Reads the documents of a YAML text as kubectl reads them. Like kubectl it cuts the text at lines that say `---`
 * first; simple documents are then read at once, others by `readYamlText`.
 */
export function* readYaml(text: string, limits: SourceLimits): InSteps<SourceDocuments> {
  // Directives, other document markers and carriage returns: seldom, and not worth a second truth about them.
  if (/^(?:%|\.\.\.|---.)/m.test(text) || text.includes('\r')) {
    return yield* readYamlText(text, limits, 0);
  }
  const documents: SourceDocument[] = [];
  const problems: SourceProblem[] = [];
  let line = 0;
  let count = 0;
  // Not /^/m: that begins a line after U+2028 too, which YAML does not.
  for (const part of text.split(/(?<![^\n])---\n/)) {
    if (part.trim() !== '') {
      if (++count > limits.documentsPerFile) {
        return { documents, problems: [...problems, { ...tooMany(limits), line: line + 1 }] };
      }
      const read = yield* readPart(part, limits, line);
      documents.push(...read.documents);
      problems.push(...read.problems);
      yield;
    }
    line += linesOf(part) + 1;
  }
  return { documents, problems };
}

function* readPart(text: string, limits: SourceLimits, line: number): InSteps<SourceDocuments> {
  const simple = readSimpleYaml(text, undefined, limits.valuesPerDocument);
  if (simple === undefined) return yield* readYamlText(text, limits, line);
  const begin = line + simple.skippedLines + 1;
  if (simple.keys > limits.valuesPerDocument) {
    return { documents: [], problems: [{ code: 'FILE_TOO_LARGE', message: tooMuchInOne, line: begin }] };
  }
  limits.budget.values -= simple.keys;
  if (limits.budget.values < 0) {
    return { documents: [], problems: [{ code: 'TREE_TOO_LARGE', message: tooManyValues, line: begin }] };
  }
  let locate: ((path: readonly PathStep[]) => number) | undefined;
  const lineOf = (path: readonly PathStep[]): number => {
    locate ??= locateInSimpleYaml(text);
    return line + 1 + locate(path);
  };
  const document = { value: simple.value, line: begin, lineOf };
  return { documents: [document], problems: [] };
}

function linesOf(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function tooMany({ documentsPerFile }: SourceLimits): Pick<SourceProblem, 'code' | 'message'> {
  return {
    code: 'TOO_MANY_DOCUMENTS',
    message: `the file holds more than ${documentsPerFile} documents: split it`,
  };
}

/**
 * Reads a YAML text with the `yaml` package. That finds the structure only (schema `failsafe`: every scalar stays
 * text); what scalars, keys, merges and aliases mean is decided in `YamlConverter`.
 * @param linesBefore lines of the file before the text
 */
export function* readYamlText(
  text: string,
  limits: SourceLimits,
  linesBefore: number,
): InSteps<SourceDocuments> {
  const index = indexLines(text);
  const lineAt = (offset: number): number => linesBefore + index(offset);
  const documents: SourceDocument[] = [];
  const problems: SourceProblem[] = [];
  let count = 0;
  try {
    for (const document of compose(text, limits)) {
      yield;
      if (document === undefined) continue;
      if (++count > limits.documentsPerFile) {
        const { code, message } = tooMany(limits);
        throw new SourceMistake(code, message, document.range[0]);
      }
      try {
        const source = readDocument(document, limits, lineAt);
        if (source !== undefined) documents.push(source);
      } catch (error) {
        problems.push(toProblem(error, lineAt));
      }
    }
  } catch (error) {
    problems.push(toProblem(error, lineAt));
  }
  return { documents, problems };
}

/** The documents of a text, and between them `undefined` where it pauses. */
function* compose(text: string, limits: SourceLimits): Generator<Document.Parsed | undefined> {
  const composer = new Composer({
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  for (const token of tokens(text, limits)) {
    if (token === undefined) yield;
    else yield* withoutStacks(() => [...composer.next(token)]);
  }
  yield* withoutStacks(() => [...composer.end(true, text.length)]);
}

/** A mistake at each comma makes an error for each. Nobody sees where they were made, and to note that takes 10 µs. */
function withoutStacks<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Between two pauses. */
const TOKENS_PER_STEP = 1_000;

/** A text that is no YAML at all makes an error of every character: the first hundred are enough. */
function* tokens(
  text: string,
  { budget, yamlTokensPerDocument }: SourceLimits,
): Generator<CST.Token | undefined> {
  const parser = new Parser();
  let errors = 0;
  let lexemes = 0;
  let inDocument = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes % TOKENS_PER_STEP === 0) yield undefined;
    const cost = costOf(lexeme);
    inDocument += cost;
    // A document is composed at once, when its last token is there.
    if (inDocument > yamlTokensPerDocument) {
      throw new SourceMistake('FILE_TOO_LARGE', tooMuchInOne, parser.offset);
    }
    budget.yamlTokens -= cost;
    if (budget.yamlTokens < 0) throw new SourceMistake('TREE_TOO_LARGE', tooMuchYaml, parser.offset);
    for (const token of parser.next(lexeme)) {
      yield token;
      if (token.type === 'document') inDocument = 0;
      if ((token.type === 'error' || token.type === 'directive') && ++errors >= 100) return;
    }
  }
  yield* parser.end();
}

/** One, and one for each escape in double quotes: a wrong one makes an error. */
function costOf(lexeme: string): number {
  let cost = 1;
  if (!lexeme.startsWith('"')) return cost;
  for (let at = lexeme.indexOf('\\'); at >= 0; at = lexeme.indexOf('\\', at + 1)) cost++;
  return cost;
}

const tooMuchYaml =
  'the commit holds more YAML with lists, quotes, anchors and the like than is read at once: split it over several sources';

function toProblem(error: unknown, lineAt: (offset: number) => number): SourceProblem {
  if (error instanceof SourceMistake) {
    return { code: error.code, message: error.message, line: lineAt(error.offset) };
  }
  throw error;
}

function readDocument(
  document: Document.Parsed,
  limits: SourceLimits,
  lineAt: (offset: number) => number,
): SourceDocument | undefined {
  // One mistake in the structure makes many: the first says where to look.
  const [error] = document.errors;
  if (error !== undefined) {
    // The composer descends recursively; a stack that overflows is nesting that nobody wrote by hand.
    if (error.code === 'RESOURCE_EXHAUSTION') {
      throw new SourceMistake('TOO_DEEP', `more than ${limits.depth} values inside each other`, error.pos[0]);
    }
    throw new SourceMistake('SYNTAX', `not YAML: ${sayYamlMistake(error)}`, error.pos[0]);
  }
  const root = document.contents as unknown;
  const converter = new YamlConverter(limits);
  const value = converter.convert(root, 0);
  if (value === null) return undefined;
  const lineOf = (path: readonly PathStep[]): number => lineAt(offsetOf(root, path));
  const warnings = twiceWarnings(converter.twice, lineAt);
  return { value, line: lineOf([]), lineOf, warnings };
}

function offsetOf(root: unknown, path: readonly PathStep[]): number {
  let node = root;
  let offset = startOf(root) ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const entry = entriesOf(node).get(String(step));
      if (entry === undefined) break;
      offset = startOf(entry.key) ?? offset;
      node = entry.value;
    } else if (isSeq(node) && typeof step === 'number') {
      if (step >= node.items.length) break;
      node = node.items[step];
      offset = startOf(node) ?? offset;
    } else break;
  }
  return offset;
}

interface Entry {
  readonly key: unknown;
  readonly value: unknown;
}

const indexes = new WeakMap<YAMLMap, Map<string, Entry>>();

/** Keys of a mapping, indexed when first asked for: a mapping with a thousand problems is not searched a thousand times. */
function entriesOf(map: YAMLMap): Map<string, Entry> {
  const known = indexes.get(map);
  if (known !== undefined) return known;
  const index = new Map<string, Entry>();
  for (const { key, value } of map.items) {
    const text = isScalar(key) ? keyText(key) : undefined;
    if (text !== undefined) index.set(text, { key, value });
  }
  indexes.set(map, index);
  return index;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}
