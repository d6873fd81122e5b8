import type { KindRef, KubeObject } from '@samband/resources';
import type { ParsedFiles } from './parsed-files.js';
import type { Problem } from './ports.js';

/** A step into a document: the key of a mapping or the index of a sequence. */
export type PathStep = string | number;

/** One object as a commit declares it, and where. */
export interface ManifestDocument {
  /** Relative to the repository's root. */
  readonly file: string;
  /** 1-based line where the object begins. */
  readonly line: number;
  /** Already with the namespace it lands in; cluster-scoped objects have none. Never change it. */
  readonly object: KubeObject;
  /** 1-based line of the key at this path, or of its nearest parent that is written in the file. */
  readonly lineOf: (path: readonly PathStep[]) => number;
  /** The text of a line of its file, by the number that `lineOf` gives. */
  readonly textAtLine: (line: number) => string;
}

export interface ParsedManifests {
  readonly documents: readonly ManifestDocument[];
  /** Everything that is wrong with the texts themselves, sorted by file and line. */
  readonly problems: readonly Problem[];
  /** What is read in another way than it is written, or not at all, sorted alike. */
  readonly warnings: readonly Problem[];
}

export interface ParseOptions {
  /** Namespace of the GitSource: what an object without a namespace gets. */
  readonly defaultNamespace: string;
  readonly limits?: Partial<ManifestLimits>;
  /** How the API serves a kind, where that is known; else the usual cluster-scoped kinds are assumed to be that. */
  readonly isNamespaced?: (kind: KindRef) => boolean | undefined;
  /** What was read before by the same options; what is read now is added. */
  readonly known?: ParsedFiles;
}

/** What is read at most of one commit. Beyond a limit the commit is refused, never cut. */
export interface ManifestLimits {
  readonly files: number;
  /** UTF-16 code units of all files together. */
  readonly totalSize: number;
  /** UTF-16 code units of one file. */
  readonly fileSize: number;
  readonly documents: number;
  readonly documentsPerFile: number;
  /** Values that the aliases of one document may add when they are written out. */
  readonly aliasedValues: number;
  /** Mappings and sequences inside each other. */
  readonly depth: number;
  /** Words and signs of all YAML that needs the full parser. That one takes 2 to 5 µs for each. */
  readonly yamlTokens: number;
  /** The same of one document: what is read without a pause, a third to two thirds of a second at most. */
  readonly yamlTokensPerDocument: number;
  /** Scalars, mappings and sequences of all other files; each takes up to 0.3 KB of memory. */
  readonly values: number;
  /** The same of one document, which is read without a pause too. */
  readonly valuesPerDocument: number;
}

export const defaultManifestLimits: ManifestLimits = {
  files: 20_000,
  totalSize: 16 * 1024 * 1024,
  fileSize: 8 * 1024 * 1024,
  documents: 20_000,
  documentsPerFile: 20_000,
  aliasedValues: 10_000,
  depth: 100,
  yamlTokens: 1_500_000,
  yamlTokensPerDocument: 250_000,
  values: 1_000_000,
  valuesPerDocument: 250_000,
};
