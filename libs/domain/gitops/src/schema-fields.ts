import type { z } from 'zod';
import type { PathStep } from './manifest.js';

/** What a kind's schema says about its fields, read off the schema itself. */

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
}

function definitionOf(schema: z.ZodType): Definition {
  const definition = schema.def as unknown as Definition;
  return definition.innerType === undefined ? definition : definitionOf(definition.innerType);
}

/** `string`, `number`, `boolean`, `enum`, `object`, `array`, `record`, …, whether it may be left out or not. */
export function typeOf(schema: z.ZodType): string {
  return definitionOf(schema).type;
}

/** The texts that may stand there, where those are few. */
export function choicesOf(schema: z.ZodType): readonly string[] | undefined {
  const { entries, values } = definitionOf(schema);
  const choices: readonly unknown[] | undefined = entries === undefined ? values : Object.values(entries);
  return choices?.filter((one) => typeof one === 'string');
}

/** The schema of the value at a path; `undefined` where the kind has none. */
export function schemaAt(schema: z.ZodType, path: readonly PathStep[]): z.ZodType | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return schema;
  const child = typeof step === 'number' ? definitionOf(schema).element : fieldsOf(schema).get(step);
  return child === undefined ? undefined : schemaAt(child, rest);
}

const known = new WeakMap<z.ZodType, ReadonlyMap<string, z.ZodType>>();

/** The fields of a mapping. */
export function fieldsOf(schema: z.ZodType): ReadonlyMap<string, z.ZodType> {
  const fields = known.get(schema) ?? findFields(schema);
  known.set(schema, fields);
  return fields;
}

function findFields(schema: z.ZodType): ReadonlyMap<string, z.ZodType> {
  const { shape, options } = definitionOf(schema);
  if (shape !== undefined) return new Map(Object.entries(shape));
  return new Map((options ?? []).flatMap((option) => [...fieldsOf(option)]));
}

/** Every field of a kind that a manifest may have, as `['spec', 'endpoints', '[]', 'name']`. */
export function allFields(schema: z.ZodType, parent: readonly string[] = []): readonly (readonly string[])[] {
  const { element } = definitionOf(schema);
  if (element !== undefined) return allFields(element, [...parent, '[]']);
  return [...fieldsOf(schema)].flatMap(([name, field]) => {
    if (parent.length === 0 && (name === 'status' || name === 'metadata')) return [];
    const path = [...parent, name];
    return [path, ...allFields(field, path)];
  });
}
