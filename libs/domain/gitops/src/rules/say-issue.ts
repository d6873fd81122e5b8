import { nameWithoutGaps, parsePattern } from '@samband/access';
import type { Issue } from '@samband/resources';
import type { z } from 'zod';
import type { PathStep } from '../manifest.js';
import { nearest } from '../nearest.js';
import { valueAt } from '../values.js';
import { formatPath, quote } from '../problems.js';
import { choicesOf, fieldsOf, schemaAt, typeOf } from '../schema-fields.js';
import { writtenAs } from '../written-as.js';
import { mendText } from './mend-text.js';
import type { Finding } from './rule.js';

/** What is wrong, and in what text: the line of each path of the object. */
export interface Written {
  readonly schema: z.ZodType;
  readonly object: unknown;
  readonly textOf: (path: readonly PathStep[]) => string;
}

/** A mistake that the schema found, with what was meant: as far as that can be told without repeating a secret. */
export function sayIssue({ path, message }: Issue, written: Written): Finding {
  const field = formatPath(path);
  // Rules over several fields are sentences of their own; the schema's lack their subject.
  const lacksSubject = /^(?:must|is|expected|[A-Z])/.test(message);
  const plain = lacksSubject ? `${field} ${message}`.trim() : message;
  const schema = schemaAt(written.schema, path);
  const value = valueAt(written.object, path);
  if (schema === undefined || !lacksSubject) return { code: 'FIELD_INVALID', path, message: plain };
  if (value === undefined) {
    const choices = choicesOf(schema);
    if (choices !== undefined) {
      return { code: 'FIELD_INVALID', path, message: `${field} is required: one of ${choices.join(', ')}` };
    }
    const about = schema.description?.split(/[.:](?: |$)/, 1)[0];
    return { code: 'FIELD_INVALID', path, message: about === undefined ? plain : `${plain}: ${about}` };
  }
  if (isPattern(path) && typeof value === 'string') {
    const fault = patternFault(value);
    if (fault !== undefined) {
      return { code: 'PATTERN_UNUSABLE', path, message: `the address pattern ${quote(value)} ${fault}` };
    }
  }
  return { code: 'FIELD_INVALID', path, message: plain + (hintFor(schema, value, path, written) ?? '') };
}

function hintFor(
  schema: z.ZodType,
  value: unknown,
  path: readonly PathStep[],
  { textOf }: Written,
): string | undefined {
  const type = typeOf(schema);
  if (value === null) return ': nothing stands there; write a value, or remove it';
  if (typeof value === 'string') {
    const choices = choicesOf(schema);
    const near = choices === undefined ? undefined : nearest(value, choices);
    if (near !== undefined) return `: did you mean ${near}?`;
    if (type === 'number' && /^-?\d+(?:\.\d+)?$/.test(value)) return ': write it without quotes';
    if (type === 'boolean') return ': write true or false, without quotes';
    if (type === 'array') return ': write each entry on a line of its own that begins with "- "';
    if (type === 'object') return `: its fields are ${[...fieldsOf(schema).keys()].slice(0, 12).join(', ')}`;
    const mended = mendText(schema, value, path);
    return mended === undefined ? undefined : `: write ${mended}`;
  }
  if (type === 'array' && typeof value === 'object') return ': put "- " before its first line';
  if (typeof value === 'object' || (type !== 'string' && type !== 'enum')) return undefined;
  const text = writtenAs(path, value, textOf(path));
  if (text === undefined) return ': put it into quotes';
  const fits = schema.safeParse(text).success ? text : mendText(schema, text, path);
  return fits === undefined ? ': put it into quotes' : `: put it into quotes, "${fits}"`;
}

/** What the schema has against a pattern, in the words of whoever reads patterns. */
function patternFault(text: string): string | undefined {
  const parsed = parsePattern(text);
  if (!parsed.ok) return parsed.problem;
  const named = nameWithoutGaps(text);
  return named === undefined
    ? undefined
    : `has nothing before, between or after slashes, which no pattern may: name the address ${quote(named)}, and write that`;
}

function isPattern(path: readonly PathStep[]): boolean {
  return path.length === 5 && path[1] === 'authorization' && path[3] === 'addresses';
}
