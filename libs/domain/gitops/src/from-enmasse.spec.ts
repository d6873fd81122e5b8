import { describe, expect, it } from '@jest/globals';
import { parseManifests } from './parse-manifests.js';
import { ParsedFiles } from './parsed-files.js';
import { validate } from './validate.fixtures.js';

const parse = (text: string, path = 'a.yaml') =>
  parseManifests([{ path, text }], { defaultNamespace: 'team1' });
const said = (text: string, path?: string): string[] =>
  parse(text, path).warnings.map(({ code, line }) => `${code}:${line}`);
const of = (apiVersion: string, kind: string, namespace = ''): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: x\n${namespace === '' ? '' : `  namespace: ${namespace}\n`}`;
const map = of('v1', 'ConfigMap');

describe('other kinds of EnMasse', () => {
  it.each([
    ['admin.enmasse.io/v1beta1', 'ConsoleService'],
    ['iot.enmasse.io/v1alpha1', 'IoTConfig'],
    ['iot.enmasse.io/v1alpha1', 'IoTProject'],
    ['enmasse.io/v1', 'MessagingInfrastructure'],
    ['enmasse.io/v1', 'MessagingTenant'],
  ])('are left out, said with file and line, and the rest is read: %s %s', (apiVersion, kind) => {
    const { documents, problems, warnings } = parse(`${map}---\n${of(apiVersion, kind)}`);
    expect(problems).toEqual([]);
    expect(documents.map(({ object }) => object.kind)).toEqual(['ConfigMap']);
    expect(warnings).toMatchObject([
      { file: 'a.yaml', line: 7, code: 'KIND_LEFT_OUT', resource: expect.stringContaining(`${kind} x`) },
    ]);
  });

  it('are left out of a list too', () => {
    const { documents } = parse(
      `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: iot.enmasse.io/v1alpha1, kind: IoTProject, metadata: {name: x}}\n`,
    );
    expect(documents).toEqual([]);
  });

  it('are told of again when the file is one that was read before', () => {
    const known = new ParsedFiles(1e6);
    const file = { path: 'a.yaml', text: of('admin.enmasse.io/v1beta1', 'ConsoleService') };
    const read = () => parseManifests([file], { defaultNamespace: 'team1', known }).warnings;
    expect(read()).toHaveLength(1);
    expect(read()).toHaveLength(1);
  });

  it.each([
    ['a kind of ours, misspelled', 'enmasse.io/v1beta1', 'Adress'],
    ['a kind of ours in another case', 'enmasse.io/v1beta1', 'Addressspace'],
    ['a kind of ours under a wrong group', 'enmasse.io/v1beta1', 'AddressPlan'],
    ['a group that only looks like one', 'enmasse.io.example.com/v1', 'ConsoleService'],
    ['a kind of somebody else', 'example.com/v1', 'ConsoleService'],
  ])('are not %s', (_, apiVersion, kind) => {
    expect(parse(of(apiVersion, kind))).toMatchObject({
      documents: [{ object: { kind } }],
      warnings: [],
    });
  });
});

describe('the namespace that EnMasse was installed in', () => {
  it.each(['amq-online-infra', 'enmasse'])('%s is taken for the infra namespace, and said', (namespace) => {
    const { documents, warnings } = parse(of('admin.enmasse.io/v1beta2', 'AddressPlan', namespace));
    expect(documents[0]!.object.metadata.namespace).toBe('enmasse-infra');
    expect(warnings).toMatchObject([{ code: 'NAMESPACE_REPLACED', line: 5 }]);
    expect(warnings[0]!.message).toContain(`"${namespace}"`);
  });

  it('counts for what operators make alone, whatever its version', () => {
    const namespace = 'amq-online-infra';
    for (const [apiVersion, kind] of [
      ['enmasse.io/v1beta1', 'AddressSpace'],
      ['v1', 'Secret'],
    ] as const)
      expect(parse(of(apiVersion, kind, namespace)).documents[0]!.object.metadata.namespace).toBe(namespace);
    const old = parse(of('admin.enmasse.io/v1alpha1', 'BrokeredInfraConfig', namespace));
    expect(old.documents[0]!.object.metadata.namespace).toBe('enmasse-infra');
  });

  it('is no other namespace: an object that nobody would read is refused', () => {
    const text = of('admin.enmasse.io/v1beta2', 'AddressPlan', 'somewhere');
    expect(said(text)).toEqual([]);
    expect(validate(text).problems.map(({ code }) => code)).toContain('NAMESPACE_UNFIT');
  });
});

describe('a binding of EnMasse’s account for exports', () => {
  const binding = (namespace: string, name = 'address-space-controller'): string =>
    `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: exports
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: exports}
subjects:
- kind: ServiceAccount
  name: ${name}
  namespace: ${namespace}
`;

  it('that names another namespace is told which one it must name, and grants what it says', () => {
    const { problems, warnings } = validate(binding('amq-online-infra'));
    expect(problems).toEqual([]);
    expect(warnings).toMatchObject([{ code: 'SUBJECT_ELSEWHERE', line: 9 }]);
    expect(warnings[0]!.message).toContain('write namespace: enmasse-infra');
    expect(parse(binding('amq-online-infra')).documents[0]!.object['subjects']).toMatchObject([
      { namespace: 'amq-online-infra' },
    ]);
  });

  it('that is right, or for somebody else, is not told of', () => {
    expect(validate(binding('enmasse-infra')).warnings).toEqual([]);
    expect(validate(binding('elsewhere', 'deployer')).warnings).toEqual([]);
  });
});

describe('a key twice in a mapping', () => {
  it.each([
    ['YAML', 'a.yaml', `${map}data:\n  a: x\n  a: z\n`, 'KEY_REPLACED:7'],
    [
      'JSON',
      'a.json',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},\n"data":{"a":"x",\n"a":"z"}}',
      'KEY_REPLACED:3',
    ],
    ['YAML, in other spelling', 'a.yaml', `${map}data:\n  1: x\n  "1": z\n`, 'KEY_REPLACED:7'],
  ])('counts as the last one says, as for EnMasse, and is told: %s', (_, path, text, warning) => {
    const { documents, problems } = parse(text, path);
    expect(problems).toEqual([]);
    expect(Object.values(documents[0]!.object['data'] as object)).toEqual(['z']);
    expect(said(text, path)).toEqual([warning]);
  });

  it.each([
    ['at the root, where a --- may be missing', `${map}${map}`, 5],
    ['that says which object is meant', `${map}  name: y\n`, 5],
    [
      'at the root of an item of a list',
      `kind: List\napiVersion: v1\nitems:\n- apiVersion: v1\n  kind: A\n  data: {}\n  data: {}\n  metadata: {name: a}\n`,
      7,
    ],
    ['that is a whole spec', `${map}data:\n  spec: {}\n  spec: {}\n`, 7],
  ])('is refused %s', (_, text, line) => {
    const { documents, problems } = parse(text);
    expect(documents).toEqual([]);
    expect(problems).toMatchObject([{ code: 'DUPLICATE_KEY', line }]);
  });
});
