import { describe, expect, it } from '@jest/globals';
import type { Address } from '@samband/resources';
import { addressNameFault } from './address-names.js';
import { checkAddresses } from './check-addresses.js';

function address(
  name: string,
  spec: Partial<Address['spec']> = {},
  more: { created?: string; ready?: boolean } = {},
): Address {
  return {
    apiVersion: 'enmasse.io/v1beta1',
    kind: 'Address',
    metadata: {
      name: `app.${name}`,
      namespace: 'team1',
      ...(more.created === undefined ? {} : { creationTimestamp: more.created }),
    },
    spec: { address: name, type: 'queue', plan: 'p', ...spec },
    ...(more.ready === undefined ? {} : { status: { isReady: more.ready } }),
  };
}

const judged = (...addresses: Address[]): [string, string][] =>
  checkAddresses(addresses).map(({ address: { metadata }, code }) => [metadata.name, code]);

describe('addresses of one space', () => {
  it('are fine when names differ and references fit', () => {
    expect(
      judged(
        address('dead', { type: 'deadletter' }),
        address('orders', { deadletter: 'dead', expiry: 'dead' }),
        address('news', { type: 'topic', deadletter: 'dead' }),
        address('mine', { type: 'subscription', topic: 'news' }),
      ),
    ).toEqual([]);
  });

  it('with the same name: the ready one wins, else the oldest, else the first by name', () => {
    const twins = (
      one: Parameters<typeof address>[2],
      two: Parameters<typeof address>[2],
    ): [string, string][] =>
      judged(address('one', { address: 'x' }, one), address('two', { address: 'x' }, two));
    expect(twins({ created: '2026-01-02T00:00:00Z' }, { created: '2026-01-01T00:00:00Z' })).toEqual([
      ['app.one', 'DuplicateAddress'],
    ]);
    expect(
      twins({ created: '2026-01-02T00:00:00Z', ready: true }, { created: '2026-01-01T00:00:00Z' }),
    ).toEqual([['app.two', 'DuplicateAddress']]);
    expect(twins({ created: '2026-01-01T00:00:00Z' }, {})).toEqual([['app.two', 'DuplicateAddress']]);
    expect(twins({}, {})).toEqual([['app.two', 'DuplicateAddress']]);
  });

  it('name the one that has the address already', () => {
    const [fault] = checkAddresses([address('a', { address: 'x' }), address('b', { address: 'x' })]);
    expect(fault?.message).toBe('the address "x" already exists with resource name app.a');
  });

  it('are told without what steers a terminal, or turns the text around it', () => {
    const [fault] = checkAddresses([address('a', { deadletter: 'x\u009b2J\u202e' })]);
    expect(fault?.message).toContain(String.raw`"x\u009b2J\u202e"`);
  });

  it('refer to what exists and is of the right type', () => {
    expect(
      judged(
        address('q1', { deadletter: 'nothing' }),
        address('q2', { expiry: 'q1' }),
        address('s1', { type: 'subscription', topic: 'nothing' }),
        address('s2', { type: 'subscription', topic: 'q1' }),
        address('s3', { type: 'subscription' }),
        address('d', { type: 'deadletter', deadletter: 'd' }),
      ),
    ).toEqual([
      ['app.q1', 'UnknownDeadletter'],
      ['app.q2', 'UnknownDeadletter'],
      ['app.s1', 'UnknownTopic'],
      ['app.s2', 'UnknownTopic'],
      ['app.s3', 'UnknownTopic'],
      ['app.d', 'Invalid'],
    ]);
  });

  it('cannot refer to one that is itself refused', () => {
    expect(
      judged(address('a+b', { type: 'topic' }), address('s', { type: 'subscription', topic: 'a+b' })),
    ).toEqual([
      ['app.a+b', 'Invalid'],
      ['app.s', 'UnknownTopic'],
    ]);
  });

  it('cannot refer to one whose own reference is wrong, wherever it stands', () => {
    expect(
      judged(
        address('s', { type: 'subscription', topic: 't' }),
        address('t', { type: 'topic', expiry: 'd' }),
        address('d', { type: 'deadletter', deadletter: 'd' }),
      ),
    ).toEqual([
      ['app.s', 'UnknownTopic'],
      ['app.t', 'UnknownDeadletter'],
      ['app.d', 'Invalid'],
    ]);
  });

  it('are judged in linear time', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => address(`q${index}`, { deadletter: 'dead' }));
    expect(checkAddresses([...many, address('dead', { type: 'deadletter' })])).toEqual([]);
  });
});

describe('names of addresses', () => {
  it.each(['orders', 'a/b/c', 'team.orders-1_x', 'queue:1', 'Ørsted', 'a$b', 'DLQ'])('%s is fine', (name) => {
    expect(addressNameFault(name)).toBeUndefined();
  });

  it.each([
    ['_!x', '_!'],
    ['activemq.management', 'activemq.'],
    ['$sys.mqtt.sessions', '$'],
    ['!!GLOBAL_DLQ', '!!'],
    ['a::b', '::'],
    ['a/+', '+'],
    ['a/#', '#'],
    ['*', '*'],
    ['a(b', '('],
    ['a\\b', '\\\\'],
    ['a|b', '|'],
    ['a b', ' '],
    ['', 'empty'],
    ['x'.repeat(1025), '1024'],
  ])('%j is refused for %s', (name, because) => {
    expect(addressNameFault(name)).toContain(because);
  });
});
