import { describe, expect, it } from '@jest/globals';
import {
  address,
  applied,
  catalogYaml,
  configMap,
  documentsOf,
  liveOf,
  owner,
  queue,
  space,
  user,
} from './example.fixtures.js';
import { codes, context, messages, validate } from './validate.fixtures.js';
import { validateDocuments } from './validate-documents.js';

describe('objects that belong together', () => {
  it.each<[string, string, string[]]>([
    ['an object that is declared twice', configMap('c') + configMap('c'), ['DUPLICATE_OBJECT:8']],
    ['an address of a space that is not there', queue('nope.q'), ['SPACE_NOT_FOUND:5']],
    ['an address without a space in its name', queue('q'), ['FIELD_INVALID:5']],
    ['a user of a space that is not there', user('nope.bob', 'bob'), ['SPACE_NOT_FOUND:5']],
    [
      'a space whose type is not offered',
      space('app', '{type: standard, plan: small}'),
      ['PLAN_UNFIT:5', 'SPACE_TYPE_NOT_OFFERED:5'],
    ],
    ['a space whose plan is not there', space('app', '{type: brokered, plan: huge}'), ['PLAN_NOT_FOUND:5']],
    [
      'a space whose authentication service is not there',
      space('app', '{type: brokered, plan: small, authenticationService: {name: x}}'),
      ['AUTHENTICATION_SERVICE_NOT_FOUND:5'],
    ],
    [
      'an address whose plan is not there',
      address('app.q', 'address: q\ntype: queue\nplan: x') + space(),
      ['PLAN_NOT_FOUND:9'],
    ],
    [
      'an address whose plan is for another type',
      address('app.q', 'address: q\ntype: queue\nplan: topic') + space(),
      ['PLAN_UNFIT:9'],
    ],
    [
      'an address whose plan the space does not list',
      address('app.q', 'address: q\ntype: queue\nplan: unlisted') + space(),
      ['PLAN_NOT_LISTED:9'],
    ],
    [
      'an address of a type that such spaces lack',
      address('app.q', 'address: q\ntype: multicast\nplan: queue') + space(),
      ['ADDRESS_TYPE_UNFIT:8', 'PLAN_UNFIT:9'],
    ],
    [
      'a dead letter address that is not there',
      address('app.q', 'address: q\ntype: queue\nplan: queue\ndeadletter: x\nexpiry: z') + space(),
      ['ADDRESS_NOT_FOUND:10', 'ADDRESS_NOT_FOUND:11'],
    ],
    [
      'a dead letter address of another type',
      address('app.q', 'address: q\ntype: queue\nplan: queue\nexpiry: q') + space(),
      ['ADDRESS_TYPE_UNFIT:10'],
    ],
    [
      'a dead letter address of a dead letter address',
      address('app.d', 'address: d\ntype: deadletter\nplan: dead\ndeadletter: d') + space(),
      ['ADDRESS_TYPE_UNFIT:10'],
    ],
    [
      'a subscription on no topic',
      address('app.s', 'address: s\ntype: subscription\nplan: topic\ntopic: t') + space(),
      ['ADDRESS_NOT_FOUND:10', 'PLAN_UNFIT:9'],
    ],
    [
      'an address of the broker itself',
      address('app.q', 'address: activemq.management\ntype: queue\nplan: queue') + space(),
      ['ADDRESS_RESERVED:7'],
    ],
    [
      'an address with a wildcard',
      address('app.q', 'address: a/#\ntype: queue\nplan: queue') + space(),
      ['ADDRESS_RESERVED:7'],
    ],
    ...['a+b', 'a(b', '!!x', '$sys', 'a|b'].map((name): [string, string, string[]] => [
      `an address that no broker can hold: ${name}`,
      address('app.q', `address: "${name}"\ntype: queue\nplan: queue`) + space(),
      ['ADDRESS_RESERVED:7'],
    ]),
    [
      'an address that its schema refuses, once',
      address('app.q', 'address: "a b"\ntype: queue\nplan: queue') + space(),
      ['FIELD_INVALID:7'],
    ],
    [
      'patterns of a user that no broker can keep, each at its line',
      `${user('app.a', 'bob')}  authorization:
    - operations: [send]
      addresses: ["*", top*, "orders/+"]
    - operations: [recv]
      addresses:
        - orders
        - "a|b/*"
        - "+/top*"
        - "a#"
        - "$SYS/#"
${space()}`,
      ['PATTERN_UNUSABLE:16', 'PATTERN_UNUSABLE:17', 'PATTERN_UNUSABLE:18', 'PATTERN_UNUSABLE:19'],
    ],
    [
      'two addresses that are one',
      address('app.a', 'address: q\ntype: queue\nplan: queue') +
        address('app.b', 'address: q\ntype: queue\nplan: queue') +
        space(),
      ['ADDRESS_DUPLICATE:16', 'ADDRESS_DUPLICATE:7'],
    ],
    [
      'two users of one name',
      user('app.a', 'bob') + user('app.b', 'bob') + space(),
      ['USERNAME_DUPLICATE:16', 'USERNAME_DUPLICATE:7'],
    ],
    [
      'a federated user',
      user('app.a', 'bob').replace('password', 'federated') + space(),
      ['USER_TYPE_NOT_OFFERED:9'],
    ],
    [
      'a password that is a line break and nothing else',
      user('app.a', 'bob').trimEnd() + '\n    password: Cg==\n' + space(),
      ['FIELD_INVALID:10'],
    ],
    [
      'a password that clients write in two ways',
      user('app.a', 'bob').trimEnd() + `\n    password: ${btoa('e\xcc\x81')}\n` + space(),
      ['FIELD_INVALID:10'],
    ],
  ])('names %s', (_what, text, expected) => {
    expect(codes(text).sort()).toEqual(expected);
  });

  it('names both places of an object that is declared twice', () => {
    const documents = [
      ...documentsOf(configMap('c'), 'one.yaml'),
      ...documentsOf(configMap('c'), 'two.yaml'),
    ];
    expect(validateDocuments(documents, context).problems).toMatchObject([
      { file: 'two.yaml', line: 2, message: expect.stringContaining('first at one.yaml:2') },
    ]);
  });

  it('takes objects of the same name in two namespaces for two', () => {
    expect(codes(configMap('c') + configMap('c\n  namespace: other'))).toEqual([]);
  });

  it('names the live address that has the same address already', () => {
    const live = liveOf(catalogYaml, space(), address('app.old', 'address: q\ntype: queue\nplan: queue'));
    expect(messages(address('app.new', 'address: q\ntype: queue\nplan: queue'), { live })).toContain(
      'also by "app.old" (the cluster, as Address app.old)',
    );
  });

  it('judges the state afterwards: what this commit removes is not there to refer to', () => {
    const dead = documentsOf(address('app.dlq', 'address: dlq\ntype: deadletter\nplan: dead'))[0]!.object;
    const live = liveOf(catalogYaml, space(), [applied(dead)]);
    const text = address('app.q', 'address: q\ntype: queue\nplan: queue\ndeadletter: dlq');
    expect(codes(text, { live })).toEqual(['ADDRESS_NOT_FOUND:10']);
    expect(codes(text, { live, prune: false })).toEqual([]);
    expect(codes(text, { live, owner: { ...owner, source: 'another' } })).toEqual([]);
  });

  it('does not count on what is being deleted', () => {
    const gone = documentsOf(space())[0]!.object;
    gone.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(codes(queue('app.q'), { live: liveOf(catalogYaml, [gone]) })).toEqual(['SPACE_NOT_FOUND:5']);
  });

  it('says which plans there are when one is not', () => {
    expect(messages(space('app', '{type: brokered, plan: smal}'))).toContain('there are: small');
    expect(messages(address('app.q', 'address: q\ntype: queue\nplan: x') + space())).toContain(
      'lists: queue, topic, dead',
    );
  });
});

describe('the authentication service of a space', () => {
  const service = (name: string, type: string): string =>
    `---\napiVersion: admin.enmasse.io/v1beta1\nkind: AuthenticationService\nmetadata: {name: ${name}, namespace: enmasse-infra}\nspec: {type: ${type}${type === 'external' ? ', external: {host: a.example, port: 5671}' : ''}}\n`;
  const withService = (chosen: string): string =>
    space(
      'app',
      `{type: brokered, plan: small${chosen === '' ? '' : `, authenticationService: {${chosen}}`}}`,
    );
  const withoutServices = liveOf(catalogYaml.replace(/---\napi[^-]*AuthenticationService[^]*?(?=---)/, ''));

  it.each([
    ['by name', 'name: corporate', 'AUTHENTICATION_SERVICE_UNFIT:5'],
    ['by type', 'type: external', 'AUTHENTICATION_SERVICE_UNFIT:5'],
    ['by a type that none has', 'type: none', 'AUTHENTICATION_SERVICE_NOT_FOUND:5'],
    ['by a name that none has', 'name: other', 'AUTHENTICATION_SERVICE_NOT_FOUND:5'],
  ])('that is external, or is not there, is refused with the plan: %s', (_, chosen, expected) => {
    expect(codes(withService(chosen) + service('corporate', 'external'))).toEqual([expected]);
  });

  it('that is chosen by default is one that is served', () => {
    expect(codes(withService('') + service('a-corporate', 'external'))).toEqual([]);
    const live = withoutServices;
    expect(codes(withService(''), { live })).toEqual(['AUTHENTICATION_SERVICE_NOT_FOUND:5']);
    expect(codes(withService('') + service('corporate', 'external'), { live })).toEqual([
      'AUTHENTICATION_SERVICE_NOT_FOUND:5',
    ]);
    expect(codes(withService('') + service('open', 'none'), { live })).toEqual([]);
  });

  it('may have overrides and details of EnMasse, which are told of', () => {
    const text = withService(
      'type: standard, details: {x: 1}, overrides: {host: a, caCertSecret: {name: ca, namespace: infra}, clientCertSecret: {name: c}}',
    );
    const { problems, warnings } = validate(text);
    expect(problems).toEqual([]);
    expect(warnings.map(({ code, message }) => `${code} ${message.split(' ')[0]!}`)).toEqual([
      'FIELD_WITHOUT_EFFECT spec.authenticationService.details',
      'FIELD_WITHOUT_EFFECT spec.authenticationService.overrides',
    ]);
  });
});
