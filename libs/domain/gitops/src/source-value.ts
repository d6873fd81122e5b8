import type { PathStep } from './manifest.js';
import type { ProblemCode, WarningCode } from './problems.js';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** One document of a file: its value, and where each part of it stands. */
export interface SourceDocument {
  readonly value: JsonValue;
  /** 1-based line where the document's content begins. */
  readonly line: number;
  readonly lineOf: (path: readonly PathStep[]) => number;
  /** Absent: none. */
  readonly warnings?: readonly SourceProblem<WarningCode>[];
}

/** What is wrong at one place of a text. Thrown inside the readers only, to leave one document. */
export class SourceMistake extends Error {
  override readonly name = 'SourceMistake';

  /** @param offset in the text, in UTF-16 code units */
  constructor(
    readonly code: ProblemCode,
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

export interface SourceProblem<Code = ProblemCode> {
  readonly code: Code;
  readonly message: string;
  readonly line: number;
}

export interface SourceDocuments {
  readonly documents: readonly SourceDocument[];
  readonly problems: readonly SourceProblem[];
}

export interface SourceLimits {
  readonly depth: number;
  readonly aliasedValues: number;
  readonly documentsPerFile: number;
  readonly yamlTokensPerDocument: number;
  readonly valuesPerDocument: number;
  /** What may still be read of this commit; it counts down. */
  readonly budget: SourceBudget;
}

export interface SourceBudget {
  /** For the full YAML parser. */
  yamlTokens: number;
  /** For JSON, and for YAML that needs no full parser. */
  values: number;
}

/** Reads a text bit by bit: it pauses often, so that whoever drives it can let others have their turn. */
export type InSteps<T> = Generator<undefined, T, undefined>;

export function atOnce<T>(steps: InSteps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

export const tooMuchInOne =
  'this document holds more values than are read at once: split it into several documents';

export const tooManyValues =
  'the commit holds more values than are read at once: split it over several sources';

/** Half of a character, which only an escape can write: Go would make another text of it. */
export const loneSurrogate = /\p{Surrogate}/u;
export const brokenCharacter =
  'an escape in this text stands for half a character: write both halves, or the character itself';

/** The only key that JavaScript itself gives a meaning when it is assigned; no manifest needs it. */
export const FORBIDDEN_KEY = '__proto__';
