import { describe, expect, it } from '@jest/globals';
import { serverObjections, withoutFields } from './server-objections.js';

const role = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'r' },
  rules: [{ apiGroups: [''], extra: 1 }],
};

describe('what the API server has against an object', () => {
  it.each([
    [
      'Role team1/r: failed to create typed patch object (team1/r; rbac.authorization.k8s.io/v1, Kind=Role): .spec: field not declared in schema',
      ['UNKNOWN_FIELD spec'],
    ],
    [
      'Deployment a/b: failed to create typed patch object (a/b; apps/v1, Kind=Deployment): errors:\n  .spec.template.metadata.matchLabels: field not declared in schema\n  .status.x: field not declared in schema',
      ['UNKNOWN_FIELD spec.template.metadata.matchLabels', 'UNKNOWN_FIELD status.x'],
    ],
    [
      'Deployment a/b: spec.selector: Required value; spec.template.metadata.labels: Invalid value: {"a: b; c"}: does not match; spec.template.spec.containers[0].image: Required value',
      [
        'REFUSED_BY_SERVER spec.selector',
        'REFUSED_BY_SERVER spec.template.metadata.labels',
        'REFUSED_BY_SERVER spec.template.spec.containers.0.image',
      ],
    ],
    [
      'ConfigMap a/B: metadata.name: Invalid value: "B": must be lower case',
      ['REFUSED_BY_SERVER metadata.name'],
    ],
    ['admission webhook denied the request', ['REFUSED_BY_SERVER ']],
  ])('is taken apart: %s', (refusal, expected) => {
    const found = serverObjections(refusal, role);
    expect(found.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual(expected);
  });

  it('is placed at the list when an item is named by its keys', () => {
    const refusal = 'x: .spec.containers[name="a"].foo: field not declared in schema';
    expect(serverObjections(refusal, role)).toEqual([
      expect.objectContaining({ code: 'UNKNOWN_FIELD', path: ['spec', 'containers'] }),
    ]);
  });

  it('says what to do about a field that the kind does not have', () => {
    const [objection] = serverObjections('.spec: field not declared in schema', role);
    expect(objection?.message).toBe(
      'Role (rbac.authorization.k8s.io/v1) has no field spec: remove it, or correct its name or place',
    );
  });
});

describe('an object without some fields', () => {
  it('is another one', () => {
    expect(withoutFields(role, [['rules', 0, 'extra']])).toEqual({
      ...role,
      rules: [{ apiGroups: [''] }],
    });
    expect(role.rules[0]).toHaveProperty('extra');
  });

  it.each([[['spec']], [['rules', 1, 'extra']], [['rules', 0]], [[]]])('is none for the path %j', (path) => {
    expect(withoutFields(role, [path])).toBeUndefined();
  });
});
