import { describe, expect, it } from '@jest/globals';
import type { ManifestLimits } from './manifest.js';
import { parseInSteps, parseManifests } from './parse-manifests.js';

const parse = (text: string, path = 'a.yaml', limits: Partial<ManifestLimits> = {}) =>
  parseManifests([{ path, text }], { defaultNamespace: 'team1', limits });

const objectOf = (text: string, path?: string) => {
  const { documents, problems } = parse(text, path);
  expect(problems).toEqual([]);
  return documents[0]!.object;
};

const problemsOf = (text: string, path?: string, limits?: Partial<ManifestLimits>) =>
  parse(text, path, limits).problems.map(({ code, line }) => `${code}:${line}`);

const configMap = (name: string, data = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${data}`;

describe('reading documents', () => {
  it('takes several documents from a file, and leaves empty ones out', () => {
    const text = `---\n# nothing\n---\n${configMap('a')}---\n---\n${configMap('b')}...\n`;
    const { documents, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(documents.map(({ object, line }) => [object.metadata.name, line])).toEqual([
      ['a', 4],
      ['b', 10],
    ]);
  });

  it('reads files in the order of their names, whatever order they came in', () => {
    const files = ['b.yaml', 'a/z.yaml', 'a.yaml'].map((path) => ({ path, text: configMap('x') }));
    const { documents } = parseManifests(files, { defaultNamespace: 'n' });
    expect(documents.map(({ file }) => file)).toEqual(['a.yaml', 'a/z.yaml', 'b.yaml']);
  });

  it('gives an object without a namespace the one of the source, and leaves a given one', () => {
    expect(objectOf(configMap('a')).metadata.namespace).toBe('team1');
    expect(objectOf(configMap('a\n  namespace: other')).metadata.namespace).toBe('other');
  });

  it.each([
    ['v1', 'Namespace'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
    ['enmasse.io/v1beta1', 'AddressSpaceSchema'],
  ])('gives %s %s none, since it is cluster-scoped', (apiVersion, kind) => {
    const object = objectOf(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a, namespace: b}\n`);
    expect(object.metadata).toEqual({ name: 'a' });
  });

  it('believes discovery about the scope of a kind, when it is known', () => {
    const { documents } = parseManifests(
      [{ path: 'a.yaml', text: 'apiVersion: x.io/v1\nkind: Widget\nmetadata: {name: a}\n' }],
      { defaultNamespace: 'n', isNamespaced: ({ kind }) => (kind === 'Widget' ? false : undefined) },
    );
    expect(documents[0]!.object.metadata.namespace).toBeUndefined();
  });

  it('expands lists, nested ones too, and knows the lines of their items', () => {
    const text = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: a
- apiVersion: v1
  kind: ConfigMapList
  items:
  - metadata:
      name: b
`;
    const { documents, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(documents.map(({ object, line }) => [object.kind, object.metadata.name, line])).toEqual([
      ['ConfigMap', 'a', 4],
      ['ConfigMap', 'b', 11],
    ]);
    expect(documents[1]!.lineOf(['metadata', 'name'])).toBe(12);
  });

  it('tells the line of a key, or of its nearest parent', () => {
    const text = `# a comment
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
data:
  list:
  - x
  - key: y

  7: seven
  yes: oui
`;
    const { lineOf } = parse(text).documents[0]!;
    expect(lineOf([])).toBe(2);
    expect(lineOf(['metadata', 'name'])).toBe(5);
    expect(lineOf(['metadata', 'labels', 'a'])).toBe(4);
    expect(lineOf(['data', 'list', 1])).toBe(9);
    expect(lineOf(['data', 'list', 9, 'z'])).toBe(7);
    expect(lineOf(['data', '7'])).toBe(11);
    expect(lineOf(['data', 'true'])).toBe(12);
    expect(lineOf(['spec'])).toBe(2);
  });

  it('reads JSON, one document after the other, with lines', () => {
    const text = `{\n "apiVersion": "v1", "kind": "ConfigMap",\n "metadata": {"name": "a"},\n "data": {"k": "\\u00e9\\n"}\n}\n{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}}`;
    const { documents, problems } = parse(text, 'a.json');
    expect(problems).toEqual([]);
    expect(documents.map(({ line }) => line)).toEqual([1, 6]);
    expect(documents[0]!.object['data']).toEqual({ k: 'é\n' });
    expect(documents[0]!.lineOf(['data', 'k'])).toBe(4);
  });

  it('takes JSON with tabs in a .yaml file for JSON, as kubectl does', () => {
    const text = '{\n\t"apiVersion": "v1",\n\t"kind": "ConfigMap",\n\t"metadata": {"name": "a"}\n}\n';
    expect(objectOf(text).metadata.name).toBe('a');
  });

  it('takes a flow mapping of YAML for YAML', () => {
    expect(
      objectOf('{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {b: yes}}')['data'],
    ).toEqual({
      b: true,
    });
  });

  it('merges << where YAML and Kubernetes agree on it', () => {
    const text = configMap('a', 'data:\n  base: &base {p: 1, q: 2}\n  more:\n    <<: *base\n    q: 3\n');
    expect(objectOf(text)['data']).toMatchObject({ more: { p: 1, q: 3 } });
  });

  it('takes keys that JavaScript knows for mere keys', () => {
    const data = objectOf(configMap('a', 'data:\n  constructor: x\n  toString: "y"\n'))['data'] as object;
    expect(Object.entries(data)).toEqual([
      ['constructor', 'x'],
      ['toString', 'y'],
    ]);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
  });
});

describe('a text that is wrong', () => {
  const head = configMap('a');
  it.each<[string, string, string[]]>([
    ['a key twice', `${head}data: {}\ndata: {}\n`, ['DUPLICATE_KEY:6']],
    ['a key twice in other spelling', `${head}data: {}\n"data": {}\n`, ['DUPLICATE_KEY:6']],
    [
      'a key before the << that replaces it',
      `${head}x: &x {k: 1}\ndata:\n  k: 2\n  <<: *x\n`,
      ['DUPLICATE_KEY:8'],
    ],
    ['__proto__ as a key', `${head}data:\n  __proto__: {a: b}\n`, ['KEY_REFUSED:6']],
    ['a mapping as a key', `${head}data:\n  ? {a: b}\n  : c\n`, ['KEY_REFUSED:6']],
    ['null as a key', `${head}data:\n  ~: c\n`, ['KEY_REFUSED:6']],
    ['a fraction as a key', `${head}data:\n  1.5: c\n`, ['KEY_REFUSED:6']],
    ['a tag of a language', `${head}data:\n  a: !!js/function "x"\n`, ['TAG_REFUSED:6']],
    ['a tag of its own', `${head}data: !secret\n  a: b\n`, ['TAG_REFUSED:6']],
    ['an alias without its anchor', `${head}data:\n  a: *nope\n`, ['ALIAS_REFUSED:6']],
    ['an anchor that contains itself', `${head}data: &d\n  a: *d\n`, ['ALIAS_REFUSED:6']],
    ['a number that would change', `${head}data:\n  a: 12345678901234567890\n`, ['VALUE_REFUSED:6']],
    ['a tab as indentation', `${head}data:\n\ta: b\n`, ['SYNTAX:6']],
    ['a quote without end', `${head}data:\n  a: "b\n`, ['SYNTAX:7']],
    ['a NUL', `${head}data:\n  a: "\0"\n`, ['CONTROL_CHARACTER:6']],
    ['an escape sequence of a terminal', `${head}# \u001b[2J\n`, ['CONTROL_CHARACTER:5']],
    ['a byte order mark', `\ufeff${head}`, ['BYTE_ORDER_MARK:1']],
    ['half a character as an escape', `${head}data:\n  a: "\\ud800"\n`, ['VALUE_REFUSED:6']],
    ['half a character in a key', `${head}data:\n  "\\udfff": b\n`, ['VALUE_REFUSED:6']],
    ['half a surrogate pair', `${head}data:\n  a: "\ud800"\n`, ['NOT_UTF8:6']],
    ['a list where an object is expected', '- a\n- b\n', ['NOT_AN_OBJECT:1']],
    ['a text', 'just words', ['NOT_AN_OBJECT:1']],
    ['an object without anything', 'a: b\n', ['NOT_AN_OBJECT:1']],
    ['an object with a name alone', 'metadata: {name: a}\n', ['API_VERSION_INVALID:1', 'KIND_INVALID:1']],
    ['a name that is a number', 'apiVersion: v1\nkind: X\nmetadata:\n  name: 123\n', ['NAME_INVALID:4']],
    ['generateName', 'apiVersion: v1\nkind: X\nmetadata:\n  generateName: a-\n', ['NAME_INVALID:4']],
    ['a name with a slash', 'apiVersion: v1\nkind: X\nmetadata:\n  name: a/b\n', ['NAME_INVALID:4']],
    [
      'a name that steers a terminal',
      'apiVersion: v1\nkind: X\nmetadata:\n  name: "a\\x9b2J"\n',
      ['NAME_INVALID:4'],
    ],
    [
      'a name that turns the text after it',
      'apiVersion: v1\nkind: X\nmetadata:\n  name: "a\\u202eb"\n',
      ['NAME_INVALID:4'],
    ],
    ['a name that is two dots', 'apiVersion: v1\nkind: X\nmetadata:\n  name: ..\n', ['NAME_INVALID:4']],
    [
      'a name of ours in capitals',
      'apiVersion: enmasse.io/v1beta1\nkind: Address\nmetadata:\n  name: App.x\n',
      ['FIELD_INVALID:1', 'NAME_INVALID:4'],
    ],
    [
      'a namespace with a dot',
      'apiVersion: v1\nkind: X\nmetadata:\n  name: a\n  namespace: a.b\n',
      ['METADATA_INVALID:5'],
    ],
    [
      'a label that is a boolean',
      'apiVersion: v1\nkind: X\nmetadata:\n  name: a\n  labels:\n    on: yes\n',
      ['METADATA_INVALID:6'],
    ],
    [
      'an apiVersion that is a path',
      'apiVersion: ../v1\nkind: X\nmetadata: {name: a}\n',
      ['API_VERSION_INVALID:1'],
    ],
  ])('is a problem with its line: %s', (_what, text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  it.each<[string, string, string[]]>([
    ['a key twice', '{"a": 1,\n"a": 2}', ['DUPLICATE_KEY:2']],
    ['a trailing comma', '{"a": 1,\n}', ['SYNTAX:2']],
    ['a comment', '{\n// a\n}', ['SYNTAX:2']],
    ['a number that would change', '{"a":\n12345678901234567890}', ['VALUE_REFUSED:2']],
    ['__proto__', '{"__proto__": {}}', ['KEY_REFUSED:1']],
    ['a text without end', '{"a": "b', ['SYNTAX:1']],
    ['a YAML text', 'a: b', ['SYNTAX:1']],
    ['a wrong escape', '{"a": "\\x41"}', ['SYNTAX:1']],
    ['half a character as an escape', '{"a":\n"\\ud800"}', ['VALUE_REFUSED:2']],
    ['half a character in a key', '{\n"\\udfff": 1}', ['VALUE_REFUSED:2']],
  ])('is a problem in JSON too: %s', (_what, text, expected) => {
    expect(problemsOf(text, 'a.json')).toEqual(expected);
  });

  it('is cut at lines that YAML knows, and not after U+2028', () => {
    const text = `${configMap('a')}data:\n  k: |\n    x\u2028---\n    y\n`;
    expect(parse(text).documents.map(({ object }) => object['data'])).toEqual([{ k: 'x\u2028---\ny\n' }]);
  });

  it('does not hide the documents around it', () => {
    const { documents, problems } = parse(`${configMap('a')}---\na: [b\n---\n${configMap('c')}`);
    expect(problems).toHaveLength(1);
    expect(documents.map(({ object }) => object.metadata.name)).toContain('a');
  });
});

describe('a text that is too much', () => {
  it('is refused when its aliases are a bomb', () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) => `  l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`,
    );
    const text = configMap('a', `data:\n  l0: &l0 lol\n${levels.join('\n')}\n`);
    expect(problemsOf(text)).toEqual(['ALIAS_REFUSED:10']);
  });

  it('is refused when it is nested a hundred times, or a hundred thousand times', () => {
    expect(problemsOf(`${'['.repeat(102)}${']'.repeat(102)}`)).toEqual(['TOO_DEEP:1']);
    expect(problemsOf('['.repeat(100_000))).toEqual(['TOO_DEEP:1']);
    expect(problemsOf('- '.repeat(100_000))).toEqual(['TOO_DEEP:1']);
    expect(problemsOf('{"a":'.repeat(100_000), 'a.json')).toEqual(['TOO_DEEP:1']);
  });

  it('is refused by the number of documents, in a file and in all', () => {
    expect(problemsOf(configMap('a').concat('---\n').repeat(3), 'a.yaml', { documentsPerFile: 2 })).toEqual([
      'TOO_MANY_DOCUMENTS:11',
    ]);
    expect(problemsOf('{}'.repeat(3), 'a.json', { documentsPerFile: 2 })).toContain('TOO_MANY_DOCUMENTS:1');
    const { documents, problems } = parse(configMap('a').concat('---\n').repeat(3), 'a.yaml', {
      documents: 2,
    });
    expect(documents).toEqual([]);
    expect(problems).toMatchObject([{ code: 'TOO_MANY_DOCUMENTS' }]);
  });

  it('is refused when the full parser would be at it for too long, whichever files hold it', () => {
    const files = ['a.yaml', 'b.yaml'].map((path) => ({
      path,
      text: configMap('a', 'data: {a: [b, c, d]}\n'),
    }));
    const codesOf = (yamlTokens: number): string[] =>
      parseManifests(files, { defaultNamespace: 'n', limits: { yamlTokens } }).problems.map(
        ({ code, file }) => `${code} ${file}`,
      );
    expect(codesOf(200)).toEqual([]);
    expect(codesOf(60)).toEqual(['TREE_TOO_LARGE b.yaml']);
  });

  // Eight megabytes of `[],` took a gigabyte of memory and half a minute.
  it('is refused when it holds more values than memory should, whichever files hold it', () => {
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'X', metadata: { name: 'a' }, data: [[], [], {}] });
    const codesOf = (values: number, ...paths: string[]): string[] =>
      parseManifests(
        paths.map((path) => ({ path, text: path.endsWith('.json') ? text : configMap('a') })),
        { defaultNamespace: 'n', limits: { values } },
      ).problems.map(({ code, file, line }) => `${code} ${file}:${line}`);
    expect(codesOf(18, 'a.json', 'b.json')).toEqual([]);
    expect(codesOf(17, 'a.json', 'b.json')).toEqual(['TREE_TOO_LARGE b.json:1']);
    expect(codesOf(13, 'a.json', 'b.yaml')).toEqual([]);
    expect(codesOf(12, 'a.json', 'b.yaml')).toEqual(['TREE_TOO_LARGE b.yaml:1']);
  });

  it.each([
    ['lists', 'a.yaml', 'data:\n  a: [b, c, d]\n', { yamlTokensPerDocument: 40 }],
    ['escapes', 'a.yaml', `data: {a: "${'\\q'.repeat(40)}"}\n`, { yamlTokensPerDocument: 60 }],
    ['keys', 'a.yaml', 'data:\n  a: b\n  c: d\n', { valuesPerDocument: 6 }],
    ['values', 'a.json', '{"a": [1, 2, 3, 4]}', { valuesPerDocument: 5 }],
  ])(
    'is refused when one document alone holds more than is read without a pause: %s',
    (_what, path, data, limits) => {
      const text = path === 'a.json' ? data : configMap('a', data);
      expect(problemsOf(text, path, limits)).toEqual([expect.stringMatching(/^FILE_TOO_LARGE:/)]);
      const raised = Object.fromEntries(Object.entries(limits).map(([key, most]) => [key, 3 * most]));
      expect(problemsOf(text, path, raised).join()).not.toContain('FILE_TOO_LARGE');
    },
  );

  it('is no matter of how many documents of that size there are', () => {
    const [text, json] = [configMap('a', 'data: {a: [b, c, d]}\n'), '{"a": [1, 2, 3, 4]}\n'];
    expect(problemsOf(`${text}---\n`.repeat(20), 'a.yaml', { yamlTokensPerDocument: 60 })).toEqual([]);
    expect(problemsOf(json.repeat(9), 'a.json', { valuesPerDocument: 7 }).join()).not.toContain('TOO_LARGE');
  });

  it.each<[string, string, string, number]>([
    ['lists', 'a.yaml', `a: [${'b, '.repeat(30_000)}]`, 80],
    ['mistakes', 'a.yaml', `a: [${','.repeat(90_000)}]`, 80],
    ['documents', 'a.yaml', '---\na: []\n'.repeat(900), 900],
    ['simple documents', 'a.yaml', '---\na: b\n'.repeat(900), 900],
    ['documents with other line ends', 'a.yaml', '---\r\na: b\r\n'.repeat(900), 900],
    ['objects of JSON', 'a.json', '{}'.repeat(900), 900],
    ['items', 'a.json', `{"kind": "List", "items": [${'0,'.repeat(20_000)}0]}`, 20],
  ])('is read with many pauses: %s', (_what, path, text, least) => {
    let pauses = 0;
    const steps = parseInSteps([{ path, text }], { defaultNamespace: 'n' });
    while (steps.next().done !== true) pauses++;
    expect(pauses).toBeGreaterThanOrEqual(least);
  });

  it('leaves the stacks of errors as long as they were', () => {
    const before = Error.stackTraceLimit;
    Error.stackTraceLimit = 7;
    expect(problemsOf(`a: [${',,'.repeat(100)}]`)).toEqual(['SYNTAX:1']);
    expect(Error.stackTraceLimit).toBe(7);
    Error.stackTraceLimit = before;
  });

  it('is refused by its size, and by the number of files', () => {
    expect(problemsOf(configMap('a'), 'a.yaml', { fileSize: 10 })).toEqual(['FILE_TOO_LARGE:1']);
    expect(problemsOf(configMap('a'), 'a.yaml', { totalSize: 10 })).toEqual(['TREE_TOO_LARGE:1']);
    expect(problemsOf(configMap('a'), 'a.yaml', { files: 0 })).toEqual(['TOO_MANY_FILES:1']);
  });
});
