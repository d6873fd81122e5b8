import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { toStructural } from './structural.js';

const structural = (schema: z.ZodType): object =>
  toStructural(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' }));

describe('toStructural', () => {
  it.each<[string, z.ZodType, object]>([
    ['texts keep their bounds', z.string().min(1).max(5), { type: 'string', minLength: 1, maxLength: 5 }],
    ['patterns lose needless escapes', z.string().regex(/^a\/b$/), { type: 'string', pattern: '^a/b$' }],
    ['times keep their format, not its pattern', z.iso.datetime(), { type: 'string', format: 'date-time' }],
    [
      'small integers are int32',
      z.int().min(0).max(9),
      { type: 'integer', format: 'int32', minimum: 0, maximum: 9 },
    ],
    [
      'others int64, without the bounds of JavaScript',
      z.int().min(-1),
      { type: 'integer', format: 'int64', minimum: -1 },
    ],
    ['a literal is an enum', z.literal('a'), { type: 'string', enum: ['a'] }],
    [
      'closed objects are pruned, not refused',
      z.strictObject({ a: z.boolean() }),
      { type: 'object', required: ['a'], properties: { a: { type: 'boolean' } } },
    ],
    [
      'open objects keep what they hold',
      z.record(z.string(), z.unknown()),
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    ],
    [
      'maps are bounded',
      z.record(z.string(), z.number()),
      { type: 'object', maxProperties: 1024, additionalProperties: { type: 'number' } },
    ],
    [
      'integer or text',
      z.union([z.int(), z.string()]).describe('d'),
      { description: 'd', 'x-kubernetes-int-or-string': true },
    ],
    ['lists', z.array(z.boolean()).max(3), { type: 'array', maxItems: 3, items: { type: 'boolean' } }],
  ])('%s', (_, schema, expected) => {
    expect(structural(schema)).toEqual(expected);
  });

  it.each<[string, z.ZodType]>([
    ['other unions', z.union([z.boolean(), z.string()])],
    ['tuples', z.tuple([z.string()])],
    ['null', z.null()],
    ['two patterns', z.string().regex(/a/).regex(/b/)],
    ['formats that Kubernetes does not judge', z.email()],
    ['defaults: they would be written into specs', z.strictObject({ a: z.string().default('x') })],
  ])('refuses %s', (_, schema) => {
    expect(() => structural(schema)).toThrow();
  });
});
