import { kinds, ourKind, type KubeObject } from '@samband/resources';
import type { z } from 'zod';
import { fieldsOf, schemaAt, typeOf } from './schema-fields.js';

/**
 * A manifest of ours without fields that are there and empty (`role:`), as the API server leaves them out itself. One that
 * the kind does not have stays: it is misspelt, and is to be told so. The same object where there is none.
 */
export function withoutNulls(object: KubeObject): KubeObject {
  const kind = ourKind(object)?.kind;
  return kind === undefined ? object : (clean(object, kinds[kind].schema) as KubeObject);
}

function clean(value: unknown, schema: z.ZodType | undefined): unknown {
  if (typeof value !== 'object' || value === null || schema === undefined) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => clean(item, schemaAt(schema, [0])));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const fields = fieldsOf(schema);
  const isFree = typeOf(schema) === 'record';
  const entries = Object.entries(value);
  const kept = entries
    .filter(([key, inner]) => inner !== null || !(isFree || fields.has(key)))
    .map(([key, inner]) => [key, clean(inner, fields.get(key))] as const);
  const isSame =
    kept.length === entries.length &&
    kept.every(([key, inner], at) => entries[at]?.[0] === key && entries[at][1] === inner);
  return isSame ? value : Object.fromEntries(kept);
}
