import { describe, expect, it } from '@jest/globals';
import { parseManifests } from './parse-manifests.js';

const read = (text: string, path = 'a.yaml') =>
  parseManifests([{ path, text }], { defaultNamespace: 'team1' });

const good = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n';

describe('a file that is no manifest is told so once, with what to do', () => {
  it.each([
    ['values of a chart', 'replicas: 2\nimage:\n  tag: "1"\n', 'values.yaml'],
    ['a compose file', 'services:\n  web:\n    image: nginx\n', 'docker-compose.yml'],
    ['a workflow', 'name: CI\non: [push]\njobs: {a: {runs-on: x}}\n', 'ci.yml'],
    ['a package', '{"name": "a", "version": "1.0.0", "kinds": []}', 'package.json'],
    ['a list', '- hosts: all\n  tasks: []\n', 'playbook.yaml'],
    ['words', 'How to use this folder\n\nRead on.\n', 'README.yaml'],
    ['words with rules between them', 'One\n---\nTwo\n---\nThree\n', 'notes.yml'],
    ['many documents', 'a: 1\n---\nb: 2\n---\nc: 3\n', 'settings.yaml'],
    ['a number', '42', 'answer.json'],
  ])('%s', (_what, text, path) => {
    const { problems } = read(text, path);
    expect(problems).toMatchObject([{ code: 'NOT_AN_OBJECT', file: path }]);
    expect(problems[0]?.message).toContain('spec.path');
  });

  it.each([
    ['a kustomization', 'resources:\n- a.yaml\n', 'kustomize build'],
    [
      'one that says so',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n',
      'kustomize build',
    ],
    [
      'a component with a name',
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nmetadata: {name: c}\n',
      'kustomize build',
    ],
    ['the head of a chart', 'apiVersion: v2\nname: shop\nversion: 1.2.3\n', 'helm template'],
    [
      'a template',
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  labels: {{ .Values.labels }}\n',
      'helm template',
    ],
    [
      'a template with conditions',
      `{{- if .Values.on }}\n${good}data:\n  {{- range .Values.list }}\n  {{ . }}: x\n  {{- end }}\n{{- end }}\n`,
      'helm template',
    ],
    [
      'several templates in one file',
      `{{ if x }}\n${good}{{ end }}\n---\n${good}  x: {{ y }}\n`,
      'helm template',
    ],
  ])('%s must be rendered first', (_what, text, command) => {
    const { problems } = read(text);
    expect(problems).toMatchObject([{ code: 'NOT_AN_OBJECT' }]);
    expect(problems[0]?.message).toContain(command);
    expect(problems[0]?.message).toContain('spec.path');
  });

  it('is not what holds signs of a template in a text', () => {
    expect(read(`${good}data:\n  page: "{{ title }}"\n  rule: |\n    {{ $x }}\n`).problems).toEqual([]);
    const broken = `${good}data:\n  page: "{{ title }}"\n  a: b\n  c: d\n  e: f\n  g: [\n`;
    expect(read(broken).problems).toMatchObject([{ code: 'SYNTAX' }]);
  });

  it('is not a manifest that lacks one of its words', () => {
    const codes = (text: string): string[] => read(text).problems.map(({ code }) => code);
    expect(codes('kind: Address\nmetadata: {name: a.b}\n')).toEqual(['API_VERSION_INVALID']);
    expect(codes('apiVersion: v1\nmetadata: {name: a}\n')).toEqual(['KIND_INVALID']);
    expect(codes('metadata: {name: a}\nspec: {}\n')).toEqual(['API_VERSION_INVALID', 'KIND_INVALID']);
    expect(
      codes('apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n'),
    ).toEqual([]);
  });
});

describe('the markers of a conflict', () => {
  it.each<[string, string, number]>([
    ['both sides', `${good}<<<<<<< HEAD\ndata: {a: b}\n=======\ndata: {a: c}\n>>>>>>> other\n`, 5],
    ['three sides', `<<<<<<< ours\n${good}||||||| base\n=======\n>>>>>>> theirs\n`, 1],
    ['what is left of them', `${good}>>>>>>> 1234567 (Change)\n`, 5],
    ['the middle', `${good}=======\n${good}`, 5],
    ['with line ends of Windows', 'a: b\r\n<<<<<<< HEAD\r\n=======\r\n>>>>>>> x\r\n', 2],
    ['of several conflicts', `<<<<<<< a\n=======\n>>>>>>> b\n${good}<<<<<<< a\n=======\n>>>>>>> b\n`, 1],
  ])('are called that, once, at their line: %s', (_what, text, line) => {
    for (const path of ['a.yaml', 'a.json']) {
      const { problems } = read(text, path);
      expect(problems).toMatchObject([{ code: 'CONFLICT_MARKERS', line }]);
    }
  });

  it('are none inside a text', () => {
    expect(read(`${good}data:\n  help: |\n    <<<<<<< HEAD\n    =======\n`).problems).toEqual([]);
    expect(read(`# ======= settings =======\n${good}`).problems).toEqual([]);
  });
});
