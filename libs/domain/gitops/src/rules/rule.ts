import type { AddressSpaceType } from '@samband/resources';
import type { EndObject, EndState } from '../end-state.js';
import type { ManifestDocument, PathStep } from '../manifest.js';
import type { ProblemCode } from '../problems.js';

/** What a rule has against a document, at a path of its object. */
export interface Finding {
  readonly code: ProblemCode;
  readonly path: readonly PathStep[];
  readonly message: string;
}

export interface RuleInput {
  readonly document: ManifestDocument;
  readonly end: EndState;
  /** Types of address spaces that this installation serves. */
  readonly offeredSpaceTypes: readonly AddressSpaceType[];
}

/**
 * One question about a document. The object may not fit its schema: that was said already, so a rule reads what
 * it needs with `textAt` and is silent about what is missing.
 */
export type DocumentRule = (input: RuleInput) => Finding[];

export const namespaceOf = (document: ManifestDocument): string => document.object.metadata.namespace ?? '';

/** Where another object of the end state comes from, for messages. */
export function origin({ document, object }: EndObject): string {
  if (document !== undefined) return `${document.file}:${document.line}`;
  return `the cluster, as ${object.kind} ${object.metadata.name}`;
}
