import type { StructuralSchema } from './structural.js';

interface Row {
  readonly field: string;
  readonly type: string;
  readonly meaning: string;
}

/** Fields whose parts are Kubernetes' own, or told elsewhere. */
const CLOSED = new Set(['podTemplate', 'conditions', 'networkPolicy']);

/** The fields of a kind as a Markdown table, `spec` and `status` one after the other. */
export function fieldTable(root: StructuralSchema): string {
  const owned = new Set(['apiVersion', 'kind', 'metadata']);
  const properties = Object.entries(root.properties ?? {}).filter(([name]) => !owned.has(name));
  const rows = properties.flatMap(([name, schema]) =>
    rowsOf(name, schema, root.required?.includes(name) ?? false),
  );
  const lines = rows.map(({ field, type, meaning }) => `| \`${field}\` | ${type} | ${escaped(meaning)} |`);
  return ['| Field | Type | Meaning |', '| --- | --- | --- |', ...lines].join('\n');
}

function rowsOf(path: string, schema: StructuralSchema, isRequired: boolean): Row[] {
  const name = path.slice(path.lastIndexOf('.') + 1).replace('[]', '');
  const row = {
    field: path,
    type: isRequired ? `${typeOf(schema)}, required` : typeOf(schema),
    meaning: meaningOf(schema),
  };
  if (CLOSED.has(name)) return [row];
  if (schema.items?.properties !== undefined) return [row, ...childrenOf(`${path}[]`, schema.items)];
  return [row, ...childrenOf(path, schema)];
}

function childrenOf(path: string, schema: StructuralSchema): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    rowsOf(`${path}.${name}`, child, schema.required?.includes(name) ?? false),
  );
}

function typeOf(schema: StructuralSchema): string {
  if (schema['x-kubernetes-int-or-string'] === true) return 'integer or string';
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.additionalProperties !== undefined) return `map of ${typeOf(schema.additionalProperties)}`;
  if (schema.format === 'date-time') return 'time';
  return schema.type ?? 'any';
}

function meaningOf(schema: StructuralSchema): string {
  const values = schema.enum ?? schema.items?.enum;
  const choice = values === undefined ? '' : ` One of: ${values.map(String).join(', ')}.`;
  return `${schema.description ?? ''}${choice}`;
}

/** A text that stands for itself in a cell of a table. */
export function escaped(text: string): string {
  return text.replace(/[|*_<>#`]/g, (sign) => `\\${sign}`);
}
