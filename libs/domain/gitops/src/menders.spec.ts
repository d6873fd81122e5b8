import { describe, expect, it } from '@jest/globals';
import { kindRef, reasons } from '@samband/resources';
import { liesElsewhere, prospectOf, type Brought, type Prospect } from './menders.js';

const named = { namespace: 'team', name: 'x' };
const other = (apiVersion: string, kind: string): Brought => ({
  ref: { apiVersion, kind, ...named },
  action: 'add',
});
const ours = (kind: Parameters<typeof kindRef>[0], action = 'add'): Brought => ({
  ref: { ...kindRef(kind), ...named },
  action,
});

describe('what is not ready for a reason that lies elsewhere', () => {
  const [role, rbac] = ['Role', 'rbac.authorization.k8s.io/v1'];
  it.each<[string, Brought[], Prospect]>([
    ['UnknownSecret', [], 'none'],
    ['UnknownSecret', [ours('AddressSpace'), other('v1', 'ConfigMap'), other(rbac, role)], 'none'],
    ['UnknownSecret', [other('apps/v1', 'Deployment'), other('v1', 'Service')], 'none'],
    ['UnknownSecret', [other('v1', 'Secret')], 'soon'],
    ['UnknownSecret', [other('v1', 'Secret'), other('bitnami.com/v1alpha1', 'SealedSecret')], 'open'],
    ['UnknownSecret', [other('batch/v1', 'Job')], 'open'],
    ['UnknownPlan', [ours('AddressSpacePlan')], 'soon'],
    ['UnknownPlan', [ours('Address'), other('batch/v1', 'Job')], 'none'],
    ['ExportForbidden', [other(rbac, 'RoleBinding')], 'soon'],
    ['ExportForbidden', [ours('AddressSpace'), other('v1', 'Secret')], 'none'],
    ['MemoryExhausted', [ours('MessagingUser'), ours('AddressSpace')], 'none'],
    ['MemoryExhausted', [ours('AddressSpace', 'change')], 'soon'],
    ['QuotaExceeded', [ours('Address')], 'none'],
    ['QuotaExceeded', [ours('Address', 'change')], 'soon'],
  ])('%s, beside %j: %s', (reason, others, prospect) => {
    expect(prospectOf(reason, others)).toBe(prospect);
  });

  it('is told from what may pass by itself, and from its own fault', () => {
    for (const reason of ['Progressing', 'BrokerUnavailable', 'ProbeFailed', 'BrokerRefused', ''])
      expect(liesElsewhere(reason)).toBe(false);
    expect(Object.keys(reasons).filter(liesElsewhere).length).toBeGreaterThan(10);
  });
});
