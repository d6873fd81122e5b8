import { describe, expect, it } from '@jest/globals';
import { address, catalogYaml, configMap, liveOf, queue, space, user } from './example.fixtures.js';
import { codes, messages, validate } from './validate.fixtures.js';

describe('a commit without mistakes', () => {
  it('has no problems: a space with addresses that refer to each other, users, and objects of other kinds', () => {
    const text =
      space() +
      address('app.dlq', 'address: dlq\ntype: deadletter\nplan: dead') +
      address('app.q', 'address: q\ntype: queue\nplan: queue\ndeadletter: dlq\nexpiry: dlq') +
      address('app.t', 'address: t\ntype: topic\nplan: topic') +
      user('app.bob', 'bob') +
      configMap('c', '{nonsense: [1]}');
    expect(validate(text)).toMatchObject({ problems: [], warnings: [] });
  });

  it('may refer to a space and addresses that are there already', () => {
    const live = liveOf(
      catalogYaml,
      space(),
      address('app.dlq', 'address: dlq\ntype: deadletter\nplan: dead'),
    );
    const text = address('app.q', 'address: q\ntype: queue\nplan: queue\ndeadletter: dlq');
    expect(codes(text, { live })).toEqual([]);
  });

  it('may bring the plans that it uses', () => {
    expect(codes(catalogYaml + space() + queue('app.q'), { live: liveOf() })).toEqual([]);
  });

  it('may hold a GitSource', () => {
    const text = `apiVersion: samband.dev/v1alpha1
kind: GitSource
metadata: {name: other}
spec: {url: "https://github.com/a/b.git", ref: {branch: main}, serviceAccountName: sa}
`;
    expect(codes(text)).toEqual([]);
  });
});

describe('a document with more mistakes than anybody reads', () => {
  it('has a hundred of them told, and hides none of the others', () => {
    const bad = Array.from({ length: 1000 }, (_, index) => `xx${index}: 1`).join(', ');
    const many = Array.from({ length: 110 }, (_, index) =>
      space(`a${index}`, `{type: brokered, plan: small, ${bad}}`),
    );
    const { problems } = validate(many.join('') + address('app.q', 'address: a b\ntype: queue\nplan: queue'));
    // After ten thousand, one of each document.
    expect(problems.filter(({ code }) => code === 'UNKNOWN_FIELD')).toHaveLength(100 * 100 + 10);
    expect(problems.at(-1)).toMatchObject({ resource: 'Address team1/app.q', code: 'FIELD_INVALID' });
  });
});

describe('fields', () => {
  it('names an unknown field, and the one that was probably meant', () => {
    const text = address('app.q', 'adress: q\ntype: queue\nplan: queue\naddress: q') + space();
    expect(validate(text).problems).toEqual([
      {
        file: 'a.yaml',
        line: 7,
        resource: 'Address team1/app.q',
        code: 'UNKNOWN_FIELD',
        message: 'spec.adress is not a field of Address: did you mean spec.address?',
      },
    ]);
  });

  it.each([
    [
      'a field one level too high',
      address('app.q', 'address: q\ntype: queue\nplan: queue').replace('spec:', 'plan: queue\nspec:'),
      'it belongs at spec.plan',
    ],
    [
      'a field one level too low',
      space('app', '{type: brokered, plan: small, authenticationService: {plan: x}}'),
      'it belongs at spec.plan',
    ],
    [
      'a field that resembles none',
      space('app', '{type: brokered, plan: small, zzzzzz: 1}'),
      'spec.zzzzzz is not a field of AddressSpace: remove it',
    ],
    [
      'a field in a list',
      space('app', '{type: brokered, plan: small, endpoints: [{name: a, servce: messaging}]}'),
      'did you mean spec.endpoints[0].service?',
    ],
  ])('hints at %s', (_what, text, hint) => {
    expect(messages(text)).toContain(hint);
  });

  it('names every wrong field of an object at once, each with its line', () => {
    const text = address('app.q', 'address: "a b"\ntype: que\nplan: 5\nmessageTtl:\n  maximum: soon');
    expect(codes(text + space()).filter((code) => code.startsWith('FIELD'))).toEqual([
      'FIELD_INVALID:7',
      'FIELD_INVALID:8',
      'FIELD_INVALID:9',
      'FIELD_INVALID:11',
    ]);
    expect(messages(text + space())).toContain('spec.type must be one of: anycast');
  });

  it('names a missing field at its nearest parent', () => {
    expect(validate(address('app.q', 'address: q\ntype: queue') + space()).problems).toMatchObject([
      { line: 6, code: 'FIELD_INVALID', message: 'spec.plan is required: AddressPlan' },
    ]);
  });

  it('names rules over several fields in their own words', () => {
    const text = user('app.bob', 'bob').replace(
      'type: password',
      'type: password\n    password: YQ==\n    passwordSecretRef: {name: s}',
    );
    expect(messages(text + space())).toBe(
      'password, passwordSecretRef and generateSecret exclude each other',
    );
  });

  it('says which version of a kind to use', () => {
    const wrong = (apiVersion: string, kind: string): string =>
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: app.a}\n`;
    expect(messages(wrong('enmasse.io/v1alpha9', 'Address'))).toContain('use enmasse.io/v1beta1');
    expect(messages(wrong('enmasse.io/v1beta1', 'MessagingUser'))).toContain('use user.enmasse.io/v1beta1');
    expect(codes(wrong('example.com/v1', 'Address'))).toEqual([]);
  });

  it('takes the old versions of EnMasse for what they mean, and says which to write', () => {
    const old = `${space()}${queue('app.q')}${user('app.bob', 'bob')}`.replaceAll('/v1beta1', '/v1alpha1');
    const { problems, warnings } = validate(old);
    expect(problems).toEqual([]);
    expect(warnings.map(({ code, message }) => `${code} ${message.split('the same as ')[1]!}`)).toEqual([
      'DEPRECATED_VERSION enmasse.io/v1beta1; write that',
      'DEPRECATED_VERSION enmasse.io/v1beta1; write that',
      'DEPRECATED_VERSION user.enmasse.io/v1beta1; write that',
    ]);
  });

  it('refuses a Rollout: those are made by Samband', () => {
    const text = `apiVersion: samband.dev/v1alpha1\nkind: Rollout\nmetadata: {name: a}\nspec: {source: a, commit: ${'0'.repeat(40)}, attempt: 1}\n`;
    expect(codes(text)).toEqual(['KIND_REFUSED:2']);
  });

  it('leaves out what only the API server sets, and says so', () => {
    const text = `${space()}status: {isReady: nonsense}\n`.replace(
      '{name: app}',
      '{name: app, uid: x, resourceVersion: "1"}',
    );
    const { problems, warnings } = validate(text);
    expect(problems).toEqual([]);
    expect(warnings.map(({ code, message }) => `${code} ${message.split(' ')[0]!}`)).toEqual([
      'SERVER_FIELD_IGNORED metadata.resourceVersion',
      'SERVER_FIELD_IGNORED metadata.uid',
      'SERVER_FIELD_IGNORED status',
    ]);
  });

  it('leaves out what means something only where the file was exported from, and says so with its line', () => {
    const metadata = [
      'metadata:',
      '  name: app',
      '  finalizers: [enmasse.io/addresses, example.com/mine]',
      '  ownerReferences: [{ apiVersion: v1, kind: ConfigMap, name: binding, uid: 1b }]',
      '  annotations:',
      '    enmasse.io/infra-uuid: ab12cd3',
      '    kubectl.kubernetes.io/last-applied-configuration: "{}"',
      '    example.com/kept: "1"',
      '  labels: { iot.enmasse.io/project: x }',
    ].join('\n');
    const { problems, warnings } = validate(space().replace('metadata: {name: app}', metadata));
    expect(problems).toEqual([]);
    expect(warnings.map(({ code, line, message }) => `${code}:${line} ${message.split(' ')[0]!}`)).toEqual([
      'FOREIGN_FIELD_IGNORED:6 metadata.finalizers',
      'FOREIGN_FIELD_IGNORED:7 metadata.ownerReferences',
      'FOREIGN_FIELD_IGNORED:9 metadata.annotations.enmasse.io/infra-uuid',
      'FOREIGN_FIELD_IGNORED:10 metadata.annotations.kubectl.kubernetes.io/last-applied-configuration',
      'FOREIGN_FIELD_IGNORED:12 metadata.labels.iot.enmasse.io/project',
    ]);
  });

  it('warns of a word on drift that is none', () => {
    const says = (mode: string): string[] =>
      validate(
        space().replace('{name: app}', `{name: app, annotations: {samband.dev/drift: ${mode}}}`),
      ).warnings.map(({ code, message }) => `${code} ${message}`);
    expect(says('report')).toEqual([]);
    expect(says('heel')).toEqual([
      expect.stringMatching(/^DRIFT_MODE_UNKNOWN .*heal, report, ignore, not "heel"/),
    ]);
  });

  it('warns of a password in git without repeating it', () => {
    const text = user('app.bob', 'bob').replace(
      'type: password',
      'type: password\n    password: aHVudGVyMg==',
    );
    const { problems, warnings } = validate(space() + text);
    expect(problems).toEqual([]);
    expect(warnings).toMatchObject([
      { code: 'PASSWORD_IN_GIT', line: 15, resource: 'MessagingUser team1/app.bob' },
    ]);
    expect(JSON.stringify(warnings)).not.toContain('aHVudGVyMg==');
  });
});

describe('what operations declare', () => {
  it('names a plan that refers to what is not there, and limits that are missing', () => {
    const text = `apiVersion: admin.enmasse.io/v1beta2
kind: AddressSpacePlan
metadata: {name: p, namespace: enmasse-infra}
spec:
  addressSpaceType: brokered
  infraConfigRef: nope
  addressPlans:
  - nope
  resourceLimits: {}
`;
    expect(codes(text)).toEqual(['PLAN_NOT_FOUND:6', 'PLAN_NOT_FOUND:7', 'PLAN_UNUSABLE:9']);
  });

  it('names a plan outside the namespace that plans are read from', () => {
    const text =
      'apiVersion: admin.enmasse.io/v1beta2\nkind: AddressPlan\nmetadata: {name: p}\nspec: {addressType: deadletter}\n';
    expect(codes(text)).toEqual(['NAMESPACE_UNFIT:3']);
  });

  it('does not trip over a plan that does not fit its schema', () => {
    const broken =
      'apiVersion: admin.enmasse.io/v1beta2\nkind: AddressSpacePlan\nmetadata: {name: b, namespace: enmasse-infra}\nspec: {addressPlans: 5}\n';
    const found = codes(`${broken}${space('app', '{type: brokered, plan: b}')}${queue('app.q')}`);
    expect(new Set(found.map((code) => code.split(':')[0]))).toEqual(new Set(['FIELD_INVALID']));
  });
});

describe('the manifests of the seeds', () => {
  it('are refused with every mistake of the team named by its line', () => {
    const team = `apiVersion: enmasse.io/v1beta1
kind: AddressSpace
metadata:
  name: app
  namespace: team1
spec:
  type: standard
  plan: standard-small
  endpoints:
  - name: messaging
    service: messaging
    cert:
      provider: openshift
    exports:
    - name: messaging-config
      kind: ConfigMap
---
apiVersion: enmasse.io/v1beta1
kind: Address
metadata:
  name: app.orders
  namespace: team1
spec:
  address: orders
  type: queue
  plan: standard-small-queue
---
apiVersion: user.enmasse.io/v1beta1
kind: MessagingUser
metadata:
  name: myspace.app
  namespace: team1
spec:
  username: system:serviceaccount:team1:default
  authentication:
    type: serviceaccount
  authorization:
  - operations: ["send", "recv"]
    addresses: ["orders"]
`;
    expect(codes(team)).toEqual([
      'SPACE_TYPE_NOT_OFFERED:7',
      'PLAN_NOT_FOUND:8',
      'PLAN_NOT_FOUND:26',
      'SPACE_NOT_FOUND:31',
    ]);
  });
});
