import { refuseTwice, twiceWarnings, type TwiceKey } from './duplicate-keys.js';
import { indexLines } from './line-index.js';
import type { PathStep } from './manifest.js';
import { quote } from './problems.js';
import {
  brokenCharacter,
  FORBIDDEN_KEY,
  loneSurrogate,
  SourceMistake,
  tooManyValues,
  tooMuchInOne,
  type InSteps,
  type JsonValue,
  type SourceDocument,
  type SourceDocuments,
  type SourceLimits,
} from './source-value.js';

/** Where a value and the values below it begin; kept small, since a file may hold a million of them. */
type Spot = number | Branch;

interface Branch {
  readonly offset: number;
  readonly children: ReadonlyMap<string, Spot> | readonly Spot[];
}

interface Parsed {
  readonly value: JsonValue;
  readonly spot: Spot;
}

const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const blank = /[ \t\n\r]*/y;
const literals: readonly (readonly [string, JsonValue])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/**
 * Reads RFC 8259 documents, one after the other, as kubectl does. Unlike `JSON.parse` it knows lines and refuses
 * what would lose something: a key twice, digits that a double cannot hold.
 */
export function* readJson(text: string, limits: SourceLimits): InSteps<SourceDocuments> {
  const lineAt = indexLines(text);
  const documents: SourceDocument[] = [];
  const reader = new JsonReader(text, limits);
  try {
    while (reader.skipBlank() < text.length) {
      if (documents.length >= limits.documentsPerFile) {
        throw new SourceMistake(
          'TOO_MANY_DOCUMENTS',
          `the file holds more than ${limits.documentsPerFile} documents: split it`,
          reader.at,
        );
      }
      reader.begin();
      const { value, spot } = reader.readValue(0);
      const warnings = twiceWarnings(reader.twice, lineAt);
      const lineOf = (path: readonly PathStep[]): number => lineAt(find(spot, path));
      if (value !== null) documents.push({ value, line: lineAt(offsetOf(spot)), lineOf, warnings });
      yield;
    }
    return { documents, problems: [] };
  } catch (error) {
    if (!(error instanceof SourceMistake)) throw error;
    return {
      documents,
      problems: [{ code: error.code, message: error.message, line: lineAt(error.offset) }],
    };
  }
}

function find(root: Spot, path: readonly PathStep[]): number {
  let spot = root;
  for (const step of path) {
    const child = childOf(spot, step);
    if (child === undefined) break;
    spot = child;
  }
  return offsetOf(spot);
}

function childOf(spot: Spot, step: PathStep): Spot | undefined {
  if (typeof spot === 'number') return undefined;
  const { children } = spot;
  if (children instanceof Map) return (children as ReadonlyMap<PathStep, Spot>).get(step);
  return typeof step === 'number' ? (children as readonly Spot[])[step] : undefined;
}

function offsetOf(spot: Spot): number {
  return typeof spot === 'number' ? spot : spot.offset;
}

class JsonReader {
  at = 0;
  /** Values that the document may still hold. */
  private left = 0;
  /** Keys of the document that stood in their mapping before. */
  twice: TwiceKey[] = [];

  constructor(
    private readonly text: string,
    private readonly limits: Pick<SourceLimits, 'depth' | 'budget' | 'valuesPerDocument'>,
  ) {}

  /** Another document. */
  begin(): void {
    this.left = this.limits.valuesPerDocument;
    this.twice = [];
  }

  skipBlank(): number {
    blank.lastIndex = this.at;
    blank.exec(this.text);
    this.at = blank.lastIndex;
    return this.at;
  }

  readValue(depth: number): Parsed {
    const offset = this.at;
    const char = this.text.charAt(offset);
    // Some megabytes of `[],` would fill the memory of whoever reads them.
    if (--this.limits.budget.values < 0) throw new SourceMistake('TREE_TOO_LARGE', tooManyValues, offset);
    if (--this.left < 0) throw new SourceMistake('FILE_TOO_LARGE', tooMuchInOne, offset);
    if (char === '{' || char === '[') {
      if (depth >= this.limits.depth) {
        throw new SourceMistake(
          'TOO_DEEP',
          `more than ${this.limits.depth} values inside each other`,
          offset,
        );
      }
      return char === '{' ? this.readObject(depth) : this.readArray(depth);
    }
    return { value: char === '"' ? this.readString() : this.readBare(), spot: offset };
  }

  private readObject(depth: number): Parsed {
    const offset = this.at++;
    const value: Record<string, JsonValue> = {};
    if (this.takes('}')) return { value, spot: offset };
    const children = new Map<string, Spot>();
    const twice: TwiceKey[] = [];
    do {
      this.skipBlank();
      const keyAt = this.at;
      if (this.text.charAt(keyAt) !== '"') throw this.unexpected('a key in double quotes');
      const key = this.readString();
      if (children.has(key)) twice.push({ key, at: keyAt });
      if (key === FORBIDDEN_KEY) throw new SourceMistake('KEY_REFUSED', forbidden, keyAt);
      if (!this.takes(':')) throw this.unexpected('":"');
      this.skipBlank();
      const child = this.readValue(depth + 1);
      value[key] = child.value;
      children.set(key, typeof child.spot === 'number' ? keyAt : { ...child.spot, offset: keyAt });
    } while (this.takes(','));
    if (!this.takes('}')) throw this.unexpected('"," or "}"');
    refuseTwice(twice, value, depth);
    for (const one of twice) this.twice.push(one);
    return { value, spot: { offset, children } };
  }

  private readArray(depth: number): Parsed {
    const offset = this.at++;
    const value: JsonValue[] = [];
    if (this.takes(']')) return { value, spot: offset };
    const children: Spot[] = [];
    do {
      this.skipBlank();
      const child = this.readValue(depth + 1);
      children.push(child.spot);
      value.push(child.value);
    } while (this.takes(','));
    if (!this.takes(']')) throw this.unexpected('"," or "]"');
    return { value, spot: { offset, children } };
  }

  /** The escapes are JSON.parse's business; here only the end is looked for. */
  private readString(): string {
    const start = this.at;
    let end = start + 1;
    for (; end < this.text.length; end++) {
      const char = this.text.charCodeAt(end);
      if (char === 0x22 || char < 0x20) break;
      if (char === 0x5c) end++;
    }
    try {
      const value: unknown = JSON.parse(this.text.slice(start, end + 1));
      if (typeof value === 'string') {
        if (loneSurrogate.test(value)) throw new SourceMistake('VALUE_REFUSED', brokenCharacter, start);
        this.at = end + 1;
        return value;
      }
    } catch (error) {
      if (error instanceof SourceMistake) throw error;
      // Said below: the engine's own words name no line.
    }
    throw new SourceMistake('SYNTAX', 'this text in quotes does not end, or has a wrong escape', start);
  }

  private readBare(): JsonValue {
    for (const [word, value] of literals) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    number.lastIndex = this.at;
    const match = number.exec(this.text);
    if (match === null) throw this.unexpected('a value');
    const value = Number(match[0]);
    const isLossy = !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value));
    if (isLossy) {
      const message = 'this number cannot be kept exactly: quote it if it is text';
      throw new SourceMistake('VALUE_REFUSED', message, this.at);
    }
    this.at = number.lastIndex;
    return value;
  }

  private takes(char: string): boolean {
    this.skipBlank();
    if (this.text.charAt(this.at) !== char) return false;
    this.at++;
    return true;
  }

  private unexpected(wanted: string): SourceMistake {
    const char = this.text.charAt(this.at);
    // Not even one character of what may be a password without quotes.
    const found = char === '' ? 'the end' : '{}[],:"'.includes(char) ? quote(char) : 'something else';
    return new SourceMistake('SYNTAX', `not JSON: ${wanted} was expected, ${found} found`, this.at);
  }
}

export const forbidden = `the key ${FORBIDDEN_KEY} is not taken: rename it`;
