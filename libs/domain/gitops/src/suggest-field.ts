import type { z } from 'zod';
import type { PathStep } from './manifest.js';
import { distanceOf } from './nearest.js';
import { formatPath } from './problems.js';
import { allFields } from './schema-fields.js';

export interface Suggestion {
  /** As people write it: `spec.endpoints[0].expose.annotations`. */
  readonly field: string;
  /** Its name was right, its place was not. */
  readonly isMisplaced: boolean;
}

const fields = new WeakMap<z.ZodType, readonly (readonly string[])[]>();

/**
 * The field that an unknown one was probably meant to be: one of nearly the same name beside it, or one of the same
 * name elsewhere; of several the one that takes the fewest changes.
 * @param path of the unknown field
 */
export function suggestField(schema: z.ZodType, path: readonly PathStep[]): Suggestion | undefined {
  const wrong = path.at(-1);
  if (typeof wrong !== 'string') return undefined;
  const all = fields.get(schema) ?? allFields(schema);
  fields.set(schema, all);
  const parent = path.slice(0, -1).map((step) => (typeof step === 'number' ? '[]' : step));
  const best = all
    .map((field) => ({ field, cost: costOf(wrong, parent, field) }))
    .filter(({ cost }) => cost < Infinity)
    .sort((a, b) => a.cost - b.cost)[0]?.field;
  if (best === undefined) return undefined;
  const isBeside = movesBetween(parent, best.slice(0, -1)) === 0;
  return { field: formatPath(asWritten(best, path)), isMisplaced: !isBeside };
}

/** A letter costs less than a place; a name that is wrong in both was meant otherwise. */
function costOf(wrong: string, parent: readonly string[], field: readonly string[]): number {
  const name = field.at(-1) ?? '';
  const moves = movesBetween(parent, field.slice(0, -1));
  // Fields of older shapes beside the spec are not what somebody means who writes a spec.
  if (moves > 0 && field.length === 1 && parent.length > 0) return Infinity;
  const distance =
    moves === 0 ? distanceOf(wrong, name) : wrong.toLowerCase() === name.toLowerCase() ? 0 : undefined;
  return distance === undefined ? Infinity : 2 * distance + 3 * moves;
}

/** Steps up and down from one mapping to another. Lists are no steps of their own. */
function movesBetween(from: readonly string[], to: readonly string[]): number {
  const common = commonSteps(from, to);
  return [...from.slice(common), ...to.slice(common)].filter((step) => step !== '[]').length;
}

function commonSteps(a: readonly PathStep[], b: readonly string[]): number {
  const end = a.findIndex((step, index) => (typeof step === 'number' ? '[]' : step) !== b[index]);
  return end < 0 ? a.length : end;
}

/** With the indices that the unknown field stands under. */
function asWritten(field: readonly string[], path: readonly PathStep[]): PathStep[] {
  const common = commonSteps(path.slice(0, -1), field);
  return [...path.slice(0, common), ...field.slice(common).map((step) => (step === '[]' ? 0 : step))];
}
