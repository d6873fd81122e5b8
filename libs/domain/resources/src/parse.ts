import type { z } from 'zod';
import { kinds, type KindName, type Kinds } from './registry.js';
import { judgeChange, judgeState, type Issue } from './rule.js';

/** Keys that the kind does not know, as the whole path of each. EnMasse dropped them in silence. */
export type UnknownField = readonly (string | number)[];

export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly unknownFields: readonly UnknownField[] }
  | {
      readonly ok: false;
      readonly issues: readonly Issue[];
      readonly unknownFields: readonly UnknownField[];
    };

/** More of one object say nothing new, and there are objects that are made to have a million. */
const MAX_FINDINGS = 100;
/** No object that the API server takes comes near: it takes 1.5 MB at most. */
const MAX_VALUES = 50_000;

/**
 * Reads an object of one of our kinds. All problems are found at once (a hundred at most): those of the schema and
 * those of the rules over several fields. Unknown fields are no problem; they are listed and left out of the value.
 * The input is not changed. Values of the input never stand in messages, since they may be secrets.
 */
export function parseObject<K extends KindName>(kind: K, input: unknown): Parsed<Kinds[K]> {
  if (countValues(input) > MAX_VALUES) {
    const message = `the object holds more than ${MAX_VALUES} values: the API server takes none so large`;
    return { ok: false, issues: [{ path: [], message }], unknownFields: [] };
  }
  const { schema, celRules } = kinds[kind];
  const first = schema.safeParse(input);
  const unknownFields = first.success ? [] : first.error.issues.flatMap(unknownKeys);
  const issues = first.success ? [] : first.error.issues.flatMap(toIssues);
  // Rules look at all that the schema refused; where that is so much, they have nothing to add.
  const all = issues.length > MAX_FINDINGS ? issues : [...issues, ...judgeState(celRules, input, issues)];
  const listed = unknownFields.slice(0, MAX_FINDINGS);
  if (all.length > 0) return { ok: false, issues: all.slice(0, MAX_FINDINGS), unknownFields: listed };
  if (first.success) return { ok: true, value: first.data, unknownFields: listed };
  const known = schema.parse(without(input, unknownFields));
  return { ok: true, value: known, unknownFields: listed };
}

/** Scalars, lists and mappings; stops where there are too many. */
function countValues(value: unknown, before = 0): number {
  let count = before + 1;
  if (typeof value !== 'object' || value === null) return count;
  for (const item of Object.values(value)) {
    if (count > MAX_VALUES) break;
    count = countValues(item, count);
  }
  return count;
}

/** What the API server would refuse in a change of an object, such as a changed type. Both must fit the schema. */
export function changeIssues<K extends KindName>(kind: K, before: Kinds[K], after: Kinds[K]): Issue[] {
  return judgeChange(kinds[kind].celRules, before, after);
}

type ZodIssue = z.core.$ZodIssue;

function unknownKeys(issue: ZodIssue): UnknownField[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...pathOf(issue), key]) : [];
}

function toIssues(issue: ZodIssue): Issue[] {
  return issue.code === 'unrecognized_keys' ? [] : [{ path: pathOf(issue), message: describe(issue) }];
}

function pathOf(issue: ZodIssue): (string | number)[] {
  return issue.path.filter((key) => typeof key !== 'symbol');
}

function describe(issue: ZodIssue): string {
  if (issue.code === 'invalid_type') {
    return issue.message.endsWith('received undefined')
      ? 'is required'
      : issue.message.replace(
          /^Invalid input: expected (\w+)(?:, received (\w+))?$/,
          (_all, wanted: string, found?: string) =>
            `must be ${nameOf(wanted)}${found === undefined ? '' : `, not ${nameOf(found)}`}`,
        );
  }
  if (issue.code === 'invalid_value') return `must be one of: ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small') return `must be at least ${String(issue.minimum)}${unit(issue.origin)}`;
  if (issue.code === 'too_big') return `must be at most ${String(issue.maximum)}${unit(issue.origin)}`;
  if (issue.code === 'invalid_format' && issue.message.startsWith('Invalid string')) {
    return `must match ${issue.pattern ?? issue.format}`;
  }
  return issue.message;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'a boolean',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/** A type of values, as people who write YAML call it. */
function nameOf(type: string): string {
  return typeNames[type] ?? type;
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' ? ' entries long' : '';
}

function without(input: unknown, paths: readonly UnknownField[]): unknown {
  const copy: unknown = structuredClone(input);
  for (const path of paths) {
    let parent: unknown = copy;
    for (const key of path.slice(0, -1)) parent = (parent as Record<string | number, unknown>)[key];
    Reflect.deleteProperty(parent as object, path[path.length - 1] ?? '');
  }
  return copy;
}
