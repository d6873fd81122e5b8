import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@samband/resources';
import { grants, isRbac, rightsOfRole, withManifests } from './rbac.js';

const rbac = 'rbac.authorization.k8s.io/v1';
const deployer = { user: 'system:serviceaccount:team:deployer', groups: ['system:authenticated'] };

function role(rules: object[], name = 'edit', namespace = 'team'): KubeObject {
  return { apiVersion: rbac, kind: 'Role', metadata: { name, namespace }, rules };
}

function binding(overrides: object = {}): KubeObject {
  return {
    apiVersion: rbac,
    kind: 'RoleBinding',
    metadata: { name: 'deployer', namespace: 'team' },
    roleRef: { kind: 'Role', name: 'edit' },
    subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace: 'team' }],
    ...overrides,
  };
}

const queues = [{ apiGroups: ['enmasse.io'], resources: ['addresses'], verbs: ['patch', 'delete'] }];
const patch = {
  verb: 'patch',
  group: 'enmasse.io',
  resource: 'addresses',
  namespace: 'team',
  name: 'app.orders',
};

describe('rights', () => {
  it.each<[string, KubeObject[], boolean]>([
    ['come from a role bound in the namespace', [role(queues), binding()], true],
    ['do not come from a role that nobody bound', [role(queues)], false],
    [
      'do not reach other namespaces',
      [role(queues), binding({ metadata: { name: 'x', namespace: 'other' } })],
      false,
    ],
    [
      'are somebody else’s when somebody else is bound',
      [role(queues), binding({ subjects: [{ kind: 'User', name: 'eve' }] })],
      false,
    ],
    [
      'come through a group',
      [role(queues), binding({ subjects: [{ kind: 'Group', name: 'system:authenticated' }] })],
      true,
    ],
    [
      'come from a cluster role bound in the namespace',
      [
        role(queues, 'edit', ''),
        { ...role(queues, 'edit'), kind: 'ClusterRole', metadata: { name: 'edit' } },
        binding({ roleRef: { kind: 'ClusterRole', name: 'edit' } }),
      ],
      true,
    ],
    [
      'come from a cluster-wide binding in every namespace',
      [
        {
          apiVersion: rbac,
          kind: 'ClusterRole',
          metadata: { name: 'all' },
          rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
        },
        {
          ...binding({ roleRef: { kind: 'ClusterRole', name: 'all' } }),
          kind: 'ClusterRoleBinding',
          metadata: { name: 'all' },
        },
      ],
      true,
    ],
    [
      'stop at the names of a rule',
      [role([{ ...queues[0], resourceNames: ['app.other'] }]), binding()],
      false,
    ],
    ['reach the names of a rule', [role([{ ...queues[0], resourceNames: ['app.orders'] }]), binding()], true],
  ])('%s', (_, objects, expected) => {
    expect(grants(objects, deployer, patch)).toBe(expected);
  });

  it('are judged as they will be once manifests are applied', () => {
    const narrowed = role([{ apiGroups: ['enmasse.io'], resources: ['addresses'], verbs: ['get'] }]);
    expect(grants(withManifests([role(queues), binding()], [narrowed]), deployer, patch)).toBe(false);
  });

  it('of a role are listed one by one', () => {
    expect(rightsOfRole(role(queues))).toEqual([
      { verb: 'patch', group: 'enmasse.io', resource: 'addresses', namespace: 'team' },
      { verb: 'delete', group: 'enmasse.io', resource: 'addresses', namespace: 'team' },
    ]);
  });

  it('are what the four kinds of RBAC say, and no others', () => {
    expect(isRbac(binding())).toBe(true);
    expect(isRbac({ apiVersion: 'example.com/v1', kind: 'Role' })).toBe(false);
  });
});
