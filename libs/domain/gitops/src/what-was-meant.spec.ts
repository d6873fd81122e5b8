import { describe, expect, it } from '@jest/globals';
import { goodObjects } from './good.fixtures.js';
import { liveOf, owner } from './example.fixtures.js';
import { parseManifests } from './parse-manifests.js';
import { validateDocuments } from './validate-documents.js';

/** Problems of one file as `code line: message`. */
function read(text: string): string[] {
  const { documents, problems } = parseManifests([{ path: 'a.yaml', text }], { defaultNamespace: 'team1' });
  const context = { live: liveOf(goodObjects), inventory: new Map(), owner, prune: false };
  const judged = validateDocuments(documents, context);
  return [...problems, ...judged.problems].map(({ code, line, message }) => `${code} ${line}: ${message}`);
}

const space = (spec: string): string =>
  `apiVersion: enmasse.io/v1beta1\nkind: AddressSpace\nmetadata:\n  name: app\nspec:\n  type: brokered\n  plan: small\n${spec}`;
const endpoint = (fields: string): string => space(`  endpoints:\n  - name: m\n${fields}`);
const address = (fields: string, name = 'app.new'): string =>
  `apiVersion: enmasse.io/v1beta1\nkind: Address\nmetadata:\n  name: ${name}\nspec:\n${fields}`;
const queue = (fields: string): string => address(`  address: new\n  type: queue\n  plan: queue\n${fields}`);
const user = (fields: string, name = 'app.ada'): string =>
  `apiVersion: user.enmasse.io/v1beta1\nkind: MessagingUser\nmetadata:\n  name: ${name}\nspec:\n${fields}`;
const passwordUser = (username: string): string =>
  user(`  username: ${username}\n  authentication: {type: password}\n`);
const grants = (entry: string): string =>
  user(
    `  username: ada\n  authentication: {type: password}\n  authorization:\n  - operations: [send]\n    addresses: [${entry}]\n`,
  );
const config = (kind: string, spec: string): string =>
  `apiVersion: admin.enmasse.io/v1beta1\nkind: ${kind}\nmetadata: {name: c, namespace: enmasse-infra}\nspec:\n${spec}`;
const brokered = (spec: string): string => config('BrokeredInfraConfig', spec);
const standard = (spec: string): string => config('StandardInfraConfig', spec);
const source = (spec: string): string =>
  `apiVersion: samband.dev/v1alpha1\nkind: GitSource\nmetadata: {name: s}\nspec:\n  url: https://git.example/a.git\n  ref: {branch: main}\n  serviceAccountName: d\n${spec}`;

describe('what was meant is said, in one message', () => {
  it.each<[string, string, number, string]>([
    // A name that is misspelt.
    ['letters swapped', queue('  messageTtl: {minimmu: 5}\n'), 9, 'did you mean spec.messageTtl.minimum?'],
    [
      'a letter missing',
      standard('  router: {linkCapacty: 5}\n'),
      5,
      'did you mean spec.router.linkCapacity?',
    ],
    [
      'a letter too many',
      standard('  router: {policy: {maxConnnections: 5}}\n'),
      5,
      'policy.maxConnections?',
    ],
    ['another case', queue('  deadLetter: dead\n'), 9, 'did you mean spec.deadletter?'],
    [
      'the singular',
      endpoint('    export: [{kind: ConfigMap, name: x}]\n'),
      10,
      'spec.endpoints[0].exports?',
    ],
    [
      'a required one',
      address('  adress: new\n  type: queue\n  plan: queue\n'),
      6,
      'did you mean spec.address?',
    ],
    ['the whole spec', queue('').replace('spec:', 'Spec:'), 5, 'did you mean spec?'],
    // A right name at a wrong place.
    [
      'too high',
      endpoint('    routeHost: a.example\n'),
      10,
      'it belongs at spec.endpoints[0].expose.routeHost',
    ],
    ['too high by two', space('  secretName: x\n'), 8, 'it belongs at spec.endpoints[0].cert.secretName'],
    ['too low', queue('  messageTtl: {expiry: dead}\n'), 9, 'it belongs at spec.expiry'],
    ['beside the spec', `${queue('')}deadletter: dead\n`, 9, 'it belongs at spec.deadletter'],
    ['in a neighbour', endpoint('    expose: {provider: selfsigned}\n'), 10, 'endpoints[0].cert.provider'],
    [
      'of another kind of plan',
      brokered('  globalMaxSize: 64Mb\n'),
      5,
      'it belongs at spec.broker.globalMaxSize',
    ],
    // A word of a few, written otherwise.
    ['small letters', endpoint('    exports: [{kind: secret, name: x}]\n'), 10, 'did you mean Secret?'],
    ['dashes', endpoint('    cert: {provider: self-signed}\n'), 10, 'did you mean selfsigned?'],
    ['capitals', address('  address: new\n  type: Queue\n  plan: queue\n'), 7, 'did you mean queue?'],
    ['letters', source('  provider: gitlb\n'), 8, 'did you mean gitlab?'],
    ['a policy', brokered('  broker: {addressFullPolicy: page}\n'), 5, 'did you mean PAGE?'],
    // Numbers and booleans where a text is needed.
    ['a fraction', address('  address: 1.0\n  type: queue\n  plan: queue\n'), 6, 'put it into quotes, "1.0"'],
    ['a switch', address('  address: on # y\n  type: queue\n  plan: queue\n'), 6, 'put it into quotes, "on"'],
    [
      'hexadecimals',
      address('  {address: 0x10, type: queue, plan: queue}\n'),
      6,
      'put it into quotes, "0x10"',
    ],
    [
      'an exponent',
      address('  address: 1e3\n  type: queue\n  plan: queue\n'),
      6,
      'put it into quotes, "1e3"',
    ],
    ['octals', passwordUser('010'), 6, 'put it into quotes, "010"'],
    ['an entry of a list', grants('orders, 0777'), 10, 'put it into quotes, "0777"'],
    ['a quantity', brokered('  broker: {resources: {cpu: 0.5}}\n'), 5, 'put it into quotes, "0.5"'],
    ['a short quantity', brokered('  broker: {resources: {cpu: .5}}\n'), 5, 'put it into quotes, "0.5"'],
    ['a name', queue('').replace('app.new', '12'), 4, 'put it into quotes, "12"'],
    // Texts where something else is needed.
    ['a number in quotes', queue('  messageTtl: {maximum: "60"}\n'), 9, 'write it without quotes'],
    ['a boolean in quotes', source('  prune: "false"\n'), 8, 'write true or false, without quotes'],
    ['a mapping for a list', space('  endpoints:\n    name: m\n'), 8, 'put "- " before its first line'],
    ['a text for a mapping', user('  username: ada\n  authentication: password\n'), 7, 'its fields are type'],
    // Sizes and times.
    ['a fraction of a size', brokered('  broker: {globalMaxSize: 1.5Gb}\n'), 5, 'write 1536Mb'],
    ['a size of Kubernetes', brokered('  broker: {globalMaxSize: 64Mi}\n'), 5, 'write 64Mb'],
    ['a quantity with a b', brokered('  broker: {resources: {memory: 512MB}}\n'), 5, 'write 512M'],
    ['a quantity in small letters', brokered('  broker: {resources: {memory: 2 gi}}\n'), 5, 'write 2Gi'],
    ['a time in words', source('  interval: 5 minutes\n'), 8, 'write 5m'],
    // Names.
    ['capitals and spaces', passwordUser('Ada Lovelace'), 6, 'write ada-lovelace'],
    ['accents', passwordUser('Åse@Ørsted.no'), 6, 'write ase@-rsted.no'],
    // Patterns.
    ['commas', grants('"orders,news"'), 10, 'an entry of its own, "orders", "news"'],
    ['spaces', grants('"orders news"'), 10, 'an entry of its own, "orders", "news"'],
    ['wildcards with commas', grants('"a/*, b/#"'), 10, 'an entry of its own, "a/*", "b/#"'],
    ['a space before', grants('" orders"'), 10, 'write "orders"'],
    ['a slash before', grants('/orders'), 10, 'name the address "orders", and write that'],
    ['a slash after', grants('orders/'), 10, 'name the address "orders", and write that'],
    ['two slashes', grants('a//b'), 10, 'name the address "a/b", and write that'],
    ['a prefix of clients', grants('"topic://t"'), 10, 'name the address "t", and write that'],
    // What is missing.
    [
      'limits',
      'apiVersion: admin.enmasse.io/v1beta2\nkind: AddressSpacePlan\nmetadata: {name: p, namespace: enmasse-infra}\nspec:\n  addressSpaceType: brokered\n  infraConfigRef: default\n  addressPlans: [queue]\n',
      4,
      'spec.resourceLimits is required: What the addresses of one space may use together',
    ],
    ['the first word', queue('').replace('apiVersion', 'apiversion'), 1, 'probably meant to be apiVersion'],
  ])('%s', (_what, text, line, meant) => {
    const problems = read(text);
    expect(problems).toEqual([expect.stringContaining(meant)]);
    expect(problems[0]).toContain(` ${line}: `);
  });

  it('is what really works', () => {
    expect(read(passwordUser('ada-lovelace'))).toEqual([]);
    expect(read(passwordUser('ase@-rsted.no'))).toEqual([]);
    expect(
      read(brokered('  broker: {globalMaxSize: 1536Mb, resources: {memory: 2Gi, cpu: "0.5"}}\n')),
    ).toEqual([]);
    expect(read(source('  interval: 5m\n'))).toEqual([]);
    expect(read(grants('orders, news, a/*, b/#'))).toEqual([]);
  });

  it('is said of all that is wrong in one round, although the name is wrong too', () => {
    const text = address('  address: 7\n  typ: queue\n  plan: queue\n', '12');
    expect(read(text).map((problem) => problem.split(':', 1)[0])).toEqual([
      'NAME_INVALID 4',
      'FIELD_INVALID 6',
      'UNKNOWN_FIELD 7',
    ]);
  });

  it('is not said of values that are secrets', () => {
    const text = user('  username: ada\n  authentication: {type: password, password: 90210777}\n');
    expect(read(text)).toEqual([expect.stringContaining('put it into quotes')]);
    expect(read(text).join()).not.toContain('90210');
  });
});

describe('a field that is there and empty', () => {
  it.each([
    ['the last', space('  endpoints:\n')],
    ['null', space('  endpoints: null\n  networkPolicy: ~\n')],
    [
      'inside',
      space('  connectors:\n  - name: c\n    endpointHosts: [{host: h}]\n    role:\n    idleTimeout:\n'),
    ],
    ['in metadata', queue('').replace('  name: app.new', '  name: app.new\n  namespace:\n  labels:\n')],
    ['of a config', standard('  router:\n  broker: {resources: {cpu: }}\n')],
  ])('is taken as one that is not there: %s', (_what, text) => {
    expect(read(text)).toEqual([]);
  });

  it('is required where it is', () => {
    expect(read(address('  address: new\n  type: queue\n  plan:\n'))).toEqual([
      expect.stringContaining('spec.plan is required'),
    ]);
  });

  it('is not dropped where the kind has no such field', () => {
    expect(read(queue('  mesageTtl:\n'))).toEqual([expect.stringContaining('did you mean spec.messageTtl?')]);
  });

  it('is a mistake as the entry of a list', () => {
    expect(read(grants('orders, ~'))).toEqual([expect.stringContaining('nothing stands there')]);
  });
});

describe('an address that no pattern but * and # can allow', () => {
  it.each([
    ['/new', '"new"'],
    ['a//b', '"a/b"'],
    ['new/', '"new"'],
    ['queue://new', '"new"'],
  ])('%s is taken with one warning, which says how to name it', (name, better) => {
    const text = address(`  address: ${name}\n  type: queue\n  plan: queue\n`);
    const { documents } = parseManifests([{ path: 'a.yaml', text }], { defaultNamespace: 'team1' });
    const context = { live: liveOf(goodObjects), inventory: new Map(), owner, prune: false };
    const { problems, warnings } = validateDocuments(documents, context);
    expect(problems).toEqual([]);
    expect(warnings).toMatchObject([{ code: 'ADDRESS_HARD_TO_NAME', line: 6 }]);
    expect(warnings[0]?.message).toContain(`name it ${better}`);
  });
});
