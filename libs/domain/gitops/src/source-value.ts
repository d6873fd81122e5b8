import type { PathStep } from './manifest.js';
import type { ProblemCode } from './problems.js';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** One document of a file: its value, and where each part of it stands. */
export interface SourceDocument {
  readonly value: JsonValue;
  /** 1-based line where the document's content begins. */
  readonly line: number;
  readonly lineOf: (path: readonly PathStep[]) => number;
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

export interface SourceProblem {
  readonly code: ProblemCode;
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
  /** What the full YAML parser may still take on in this commit; it counts down. */
  readonly budget: { yamlTokens: number };
}

/** The only key that JavaScript itself gives a meaning when it is assigned; no manifest needs it. */
export const FORBIDDEN_KEY = '__proto__';
