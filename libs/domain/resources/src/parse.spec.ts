import { describe, expect, it } from '@jest/globals';
import { changeIssues, parseObject } from './parse.js';
import type { Address } from './kinds/address.js';

const address = (spec: object, name = 'app.orders'): object => ({
  apiVersion: 'enmasse.io/v1beta1',
  kind: 'Address',
  metadata: { name, namespace: 'team1' },
  spec: { address: 'orders', type: 'queue', plan: 'small', ...spec },
});

function problems(kind: Parameters<typeof parseObject>[0], input: unknown): string[] {
  const result = parseObject(kind, input);
  return result.ok ? [] : result.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('parseObject', () => {
  it('gives the value of a good object, without changing the input', () => {
    const input = address({ extra: 1 });
    const copy = structuredClone(input);
    const result = parseObject('Address', input);
    expect(result).toMatchObject({ ok: true, unknownFields: [['spec', 'extra']] });
    expect(result.ok && result.value.spec).toEqual({ address: 'orders', type: 'queue', plan: 'small' });
    expect(input).toEqual(copy);
  });

  it('finds every problem at once, those of rules over several fields included', () => {
    expect(
      problems(
        'Address',
        address(
          { type: 'subscription', plan: undefined, address: 'a b', messageTtl: { maximum: '1' } },
          'orders',
        ),
      ),
    ).toEqual([
      'spec.address: must not contain white space',
      'spec.plan: is required',
      'spec.messageTtl.maximum: must be a number, not text',
      'metadata.name: the name of an address is <address space>.<name>: the part before the first dot says its space',
      'spec.type: type subscription needs topic: the address of the topic it is on',
    ]);
  });

  it('judges rules of what the schema admits, and not of what it refused', () => {
    expect(problems('Address', address({ type: 'subscription' }))).toEqual([
      'spec.type: type subscription needs topic: the address of the topic it is on',
    ]);
    expect(problems('Address', address({ type: 'subscription', plan: 7 }))).toEqual([
      'spec.plan: must be text, not a number',
      'spec.type: type subscription needs topic: the address of the topic it is on',
    ]);
    expect(problems('Address', address({ type: 'subscription', topic: 7 }))).toEqual([
      'spec.topic: must be text, not a number',
    ]);
  });

  it('lists unknown fields wherever they stand', () => {
    const result = parseObject('AddressSpace', {
      apiVersion: 'enmasse.io/v1beta1',
      kind: 'AddressSpace',
      metadata: { name: 'app', labels: { a: 'b' }, managedFields: [] },
      spec: {
        type: 'brokered',
        plan: 'p',
        endpoints: [{ name: 'a' }, { name: 'b', cert: { providr: 'x' } }],
        x: {},
      },
      y: 1,
    });
    expect(result.ok).toBe(true);
    expect([...result.unknownFields].sort()).toEqual([
      ['spec', 'endpoints', 1, 'cert', 'providr'],
      ['spec', 'x'],
      ['y'],
    ]);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a list', []],
    ['a text', 'x'],
    ['null for a spec', { ...address({}), spec: null }],
    ['a number that is none', address({ messageTtl: { maximum: Infinity } })],
    ['a number beyond exactness', address({ messageTtl: { maximum: 1e300 } })],
    ['another version', { ...address({}), apiVersion: 'enmasse.io/v9' }],
  ])('refuses %s', (_, input) => {
    expect(parseObject('Address', input).ok).toBe(false);
  });

  it('does not repeat values, which may be secrets', () => {
    const result = problems('MessagingUser', {
      apiVersion: 'user.enmasse.io/v1beta1',
      kind: 'MessagingUser',
      metadata: { name: 'app.u' },
      spec: { username: 'u', authentication: { type: 'password', password: 'hunter2!' } },
    });
    expect(result).toEqual(['spec.authentication.password: is not base64']);
  });

  it('refuses a password that is empty once it is decoded', () => {
    const judged = ['', '=', '\n', 'A', 'A=\n', 'YQ', 'Y\r\nQ==\n'].map((password) =>
      problems('MessagingUser', {
        apiVersion: 'user.enmasse.io/v1beta1',
        kind: 'MessagingUser',
        metadata: { name: 'app.u', namespace: 'team1' },
        spec: { username: 'u', authentication: { type: 'password', password } },
      }),
    );
    const message =
      'spec.authentication.password: password must not be empty: leave it out to have one generated';
    expect(judged).toEqual([[message], [message], [message], [message], [message], [], []]);
  });

  it('names a hundred problems of an object that is made to have a million', () => {
    const many = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 1]));
    const space = (labels: object, more: object = {}): object => ({
      apiVersion: 'enmasse.io/v1beta1',
      kind: 'AddressSpace',
      metadata: { name: 'app', labels },
      spec: { type: 'brokered', plan: 'p', ...more },
    });
    expect(problems('AddressSpace', space(many(1000)))).toHaveLength(100);
    expect(parseObject('AddressSpace', space({}, many(1000))).unknownFields).toHaveLength(100);
    expect(problems('AddressSpace', space(many(50_000)))).toEqual([
      ': the object holds more than 50000 values: the API server takes none so large',
    ]);
  });

  it('is not fooled by names of Object.prototype', () => {
    const input: unknown = JSON.parse(
      JSON.stringify(address({})).replace('"spec":{', '"spec":{"__proto__":{"topic":"x"},"constructor":1,'),
    );
    const result = parseObject('Address', input);
    expect(result.ok && result.value.spec).toEqual({ address: 'orders', type: 'queue', plan: 'small' });
    expect(result.ok && result.value.spec.topic).toBeUndefined();
  });
});

describe('changeIssues', () => {
  const parsed = (spec: object): Address => {
    const result = parseObject('Address', address(spec));
    if (!result.ok) throw new Error('arranged wrongly');
    return result.value;
  };

  it.each([null, 'text', 7, [], undefined])('bears an object whose spec is %j', (spec) => {
    const odd = { ...parsed({}), spec } as unknown as Address;
    expect(() => [
      changeIssues('Address', odd, parsed({})),
      changeIssues('Address', parsed({}), odd),
    ]).not.toThrow();
  });

  it.each([
    ['nothing', {}, {}, []],
    ['the plan', {}, { plan: 'large' }, []],
    ['the address', {}, { address: 'other' }, ['address']],
    ['the type', {}, { type: 'topic' }, ['type']],
    [
      'the topic of a subscription',
      { type: 'subscription', topic: 'a' },
      { type: 'subscription', topic: 'b' },
      ['topic'],
    ],
  ])('judges a change of %s', (_, before, after, fields) => {
    const issues = changeIssues('Address', parsed(before), parsed(after));
    expect(issues.map(({ path }) => path)).toEqual(fields.map((field) => ['spec', field]));
  });
});
