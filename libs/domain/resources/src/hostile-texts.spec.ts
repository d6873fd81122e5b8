import { createContext, Script } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { parseObject } from './parse.js';
import { kindNames, kinds } from './registry.js';

interface Json {
  readonly properties?: Readonly<Record<string, Json>>;
  readonly items?: Json;
  readonly additionalProperties?: Json | boolean;
  readonly anyOf?: readonly Json[];
  readonly allOf?: readonly Json[];
  readonly type?: string;
  readonly pattern?: string;
}

/** Builds an object that holds a value in one field and nothing else. */
type Place = (value: unknown) => unknown;
interface Field {
  readonly name: string;
  readonly place: Place;
}

const size = 100_000;
const repeated = [
  'a',
  '-',
  '=',
  '\n',
  'A',
  '1',
  '.',
  '/',
  'a/',
  '1.',
  '1m',
  'a.',
  'a:',
  ' ',
  '%',
  '@',
  '\\',
  '*',
  '#',
];
const hostile = repeated.flatMap((unit) => {
  const much = unit.repeat(size / unit.length);
  return [much, `${much}!`, `a${much}!`, `1${much}!`, `https://${much} `, `a@a:${much} `];
});

/** What must not take long is ended, as no timeout of a test can end a pattern that goes back and forth. */
function inTime<T>(work: () => T): T {
  return new Script('work()').runInContext(createContext({ work }), { timeout: 20_000 }) as T;
}

function schemaOf(kind: (typeof kindNames)[number]): Json {
  return z.toJSONSchema(kinds[kind].schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' }) as Json;
}

function stringFields(schema: Json, name: string, place: Place): Field[] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, child]) =>
    stringFields(child, `${name}.${key}`, (value) => place({ [key]: value })),
  );
  const items =
    schema.items === undefined ? [] : stringFields(schema.items, `${name}[]`, (value) => place([value]));
  const { additionalProperties: values } = schema;
  const mapped =
    typeof values === 'object' ? stringFields(values, `${name}{}`, (value) => place({ key: value })) : [];
  const either = (schema.anyOf ?? []).flatMap((one) => stringFields(one, name, place));
  return [...inner, ...items, ...mapped, ...either, ...(schema.type === 'string' ? [{ name, place }] : [])];
}

function patternsIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'pattern' && typeof value === 'string' ? [value] : patternsIn(value),
  );
}

describe('hostile texts', () => {
  it.each(kindNames)('in any field of %s are judged without delay', (kind) => {
    const fields = stringFields(schemaOf(kind), '', (value) => value);
    expect(fields.map(({ name }) => name)).toContain('.metadata.name');
    for (const { name, place } of fields) {
      const isJudged = inTime(() => hostile.every((text) => 'ok' in parseObject(kind, place(text))));
      expect([name, isJudged]).toEqual([name, true]);
    }
  });

  it.each([...new Set(kindNames.flatMap((kind) => patternsIn(schemaOf(kind))))])(
    'do not occupy the pattern %s, however long they are',
    (pattern) => {
      const expression = new RegExp(pattern);
      const answers = inTime(() => hostile.map((text) => expression.test(text)));
      expect(answers).toHaveLength(hostile.length);
    },
  );
});
