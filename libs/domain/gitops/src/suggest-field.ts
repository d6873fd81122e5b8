import type { z } from 'zod';
import type { PathStep } from './manifest.js';

/**
 * The field that an unknown one was probably meant to be: one with nearly the same name beside it, else one of
 * the same name just above or below.
 * @param path of the unknown field
 */
export function suggestField(schema: z.ZodType, path: readonly PathStep[]): readonly PathStep[] | undefined {
  const wrong = path.at(-1);
  const parent = path.slice(0, -1);
  if (typeof wrong !== 'string' || wrong.length > 64) return undefined;
  const siblings = fieldsAt(schema, parent);
  const near = [...siblings.keys()]
    .map((name) => ({ name, distance: editDistance(wrong.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 4)))
    .sort((a, b) => a.distance - b.distance)[0];
  if (near !== undefined) return [...parent, near.name];
  for (const name of siblings.keys()) {
    if (fieldsAt(schema, [...parent, name]).has(wrong)) return [...parent, name, wrong];
  }
  const above = parent.slice(0, -1);
  return parent.length > 0 && fieldsAt(schema, above).has(wrong) ? [...above, wrong] : undefined;
}

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

function fieldsAt(schema: z.ZodType, path: readonly PathStep[]): ReadonlyMap<string, z.ZodType> {
  const [step, ...rest] = path;
  const fields = fieldsOf(schema);
  if (step === undefined) return fields;
  const child = typeof step === 'number' ? elementOf(schema) : fields.get(step);
  return child === undefined ? new Map() : fieldsAt(child, rest);
}

const known = new WeakMap<z.ZodType, ReadonlyMap<string, z.ZodType>>();

function fieldsOf(schema: z.ZodType): ReadonlyMap<string, z.ZodType> {
  const fields = known.get(schema) ?? findFields(schema);
  known.set(schema, fields);
  return fields;
}

function findFields(schema: z.ZodType): ReadonlyMap<string, z.ZodType> {
  const { shape, innerType, options } = schema.def as unknown as Definition;
  if (shape !== undefined) return new Map(Object.entries(shape));
  if (innerType !== undefined) return fieldsOf(innerType);
  return new Map((options ?? []).flatMap((option) => [...fieldsOf(option)]));
}

function elementOf(schema: z.ZodType): z.ZodType | undefined {
  const { innerType, element } = schema.def as unknown as Definition;
  return innerType === undefined ? element : elementOf(innerType);
}

/** Levenshtein's distance of two short texts. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
