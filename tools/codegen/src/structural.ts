/**
 * JSON schema as zod writes it → structural schema as the API server takes it. Whatever has no counterpart
 * is refused here, at build time, instead of being lost.
 */
export interface StructuralSchema {
  type?: string;
  description?: string;
  format?: string;
  properties?: Record<string, StructuralSchema>;
  required?: string[];
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema;
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  maxProperties?: number;
  'x-kubernetes-int-or-string'?: true;
  'x-kubernetes-preserve-unknown-fields'?: true;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-validations'?: Validation[];
}

export interface Validation {
  rule: string;
  message: string;
  fieldPath?: string;
}

type Json = Readonly<Record<string, unknown>>;

const COPIED = ['description', 'enum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'required'] as const;
const COPIED_EXTENSIONS = ['x-kubernetes-list-type', 'x-kubernetes-list-map-keys'] as const;
const HANDLED = new Set<string>([
  ...COPIED,
  ...COPIED_EXTENSIONS,
  'type',
  'properties',
  'items',
  'additionalProperties',
  'propertyNames',
  'anyOf',
  'allOf',
  'pattern',
  'format',
  'minimum',
  'maximum',
  '$schema',
]);
const INT32 = 2_147_483_647;
/** Maps have no bound in zod's schemas; CEL prices need one. */
const MAX_PROPERTIES = 1024;

/** @throws when the schema holds something that no structural schema can say. */
export function toStructural(schema: Json, where = '$'): StructuralSchema {
  for (const key of Object.keys(schema)) {
    if (!HANDLED.has(key)) throw new Error(`${where}: ${key} has no counterpart in a structural schema`);
  }
  const result: StructuralSchema = {};
  for (const key of [...COPIED, ...COPIED_EXTENSIONS]) {
    if (schema[key] !== undefined) Object.assign(result, { [key]: schema[key] });
  }
  if (schema['anyOf'] !== undefined) return { ...result, ...intOrString(schema['anyOf'], where) };
  if (Object.keys(schema).every((key) => key === 'description')) {
    return { ...result, 'x-kubernetes-preserve-unknown-fields': true };
  }
  return { ...result, ...byType(schema, where) };
}

function byType(schema: Json, where: string): StructuralSchema {
  switch (schema['type']) {
    case 'object':
      return objectSchema(schema, where);
    case 'array':
      return { type: 'array', items: toStructural(asJson(schema['items'], where), `${where}[]`) };
    case 'string':
      return { type: 'string', ...stringRules(schema, where) };
    case 'integer':
      return { type: 'integer', ...integerRules(schema) };
    case 'number':
      return { type: 'number', ...bounds(schema) };
    case 'boolean':
      return { type: 'boolean' };
    default:
      throw new Error(`${where}: type ${String(schema['type'])} has no counterpart in a structural schema`);
  }
}

function objectSchema(schema: Json, where: string): StructuralSchema {
  const properties = Object.entries(asJson(schema['properties'] ?? {}, where));
  const extra = schema['additionalProperties'];
  if (properties.length > 0) {
    return {
      type: 'object',
      // Free members beside known ones are for the server to prune, unless the schema is open.
      ...(isOpen(extra) ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
      properties: Object.fromEntries(
        properties.map(([name, value]) => [name, toStructural(asJson(value, where), `${where}.${name}`)]),
      ),
    };
  }
  if (isOpen(extra)) return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  if (extra === false) return { type: 'object' };
  return {
    type: 'object',
    maxProperties: MAX_PROPERTIES,
    additionalProperties: toStructural(asJson(extra, where), `${where}{}`),
  };
}

function isOpen(extra: unknown): boolean {
  return typeof extra === 'object' && extra !== null && Object.keys(extra).length === 0;
}

function stringRules(schema: Json, where: string): StructuralSchema {
  if (schema['format'] !== undefined) {
    // zod's long pattern goes with the format; the API server knows the format itself.
    if (schema['format'] !== 'date-time') throw new Error(`${where}: the only format is date-time`);
    return { format: 'date-time' };
  }
  if (schema['allOf'] !== undefined) throw new Error(`${where}: give one pattern, not several`);
  return typeof schema['pattern'] === 'string' ? { pattern: schema['pattern'].replaceAll('\\/', '/') } : {};
}

function integerRules(schema: Json): StructuralSchema {
  const { minimum, maximum } = bounds(schema);
  const isSmall = (minimum ?? -Infinity) >= -INT32 - 1 && (maximum ?? Infinity) <= INT32;
  return {
    format: isSmall ? 'int32' : 'int64',
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  };
}

/** The bounds, without those that only say what JavaScript can count. */
function bounds(schema: Json): { minimum?: number; maximum?: number } {
  const { minimum, maximum } = schema;
  return {
    ...(typeof minimum === 'number' && minimum > Number.MIN_SAFE_INTEGER ? { minimum } : {}),
    ...(typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER ? { maximum } : {}),
  };
}

function intOrString(branches: unknown, where: string): StructuralSchema {
  const types = (branches as Json[]).map((branch) => String(branch['type']));
  if (types.length !== 2 || !types.includes('integer') || !types.includes('string')) {
    throw new Error(`${where}: the only union that a structural schema can say is integer or string`);
  }
  return { 'x-kubernetes-int-or-string': true };
}

function asJson(value: unknown, where: string): Json {
  if (typeof value !== 'object' || value === null) throw new Error(`${where}: no schema`);
  return value as Json;
}
