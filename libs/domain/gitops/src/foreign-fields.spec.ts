import { describe, expect, it } from '@jest/globals';
import { applicable, foreignFields } from './foreign-fields.js';

const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'binding', uid: '1b' };

describe('what is applied of a manifest that was exported from a cluster', () => {
  it('has no finalizer and no owner, whoever they are of and whatever its kind', () => {
    for (const kind of [
      { apiVersion: 'enmasse.io/v1beta1', kind: 'Address' },
      { apiVersion: 'v1', kind: 'ConfigMap' },
    ]) {
      const metadata = { name: 'a', finalizers: ['example.com/x'], ownerReferences: [owner] };
      expect(applicable({ ...kind, metadata })).toEqual({ ...kind, metadata: { name: 'a' } });
    }
  });

  it('is without the annotations of EnMasse and kubectl, and without a map that is empty then', () => {
    const kind = { apiVersion: 'enmasse.io/v1beta1', kind: 'AddressSpace' };
    const annotations = {
      'enmasse.io/realm-name': 'x',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
    };
    expect(applicable({ ...kind, metadata: { name: 'a', annotations } })).toEqual({
      ...kind,
      metadata: { name: 'a' },
    });
  });

  it('keeps what a plan of an older version is defined by, and what other kinds carry', () => {
    const plan = {
      apiVersion: 'admin.enmasse.io/v1beta1',
      kind: 'AddressSpacePlan',
      metadata: { name: 'p', annotations: { 'enmasse.io/defined-by': 'default' } },
    };
    const map = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'm', annotations: { 'enmasse.io/mine': '1', 'notenmasse.io/a': '1' } },
    };
    expect(foreignFields(plan)).toEqual([]);
    expect(applicable(map)).toBe(map);
  });

  it('lets a namespace go: its finalizers are the cluster’s', () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } };
    expect(applicable({ ...namespace, spec: { finalizers: ['example.com/x'] } })).toEqual(namespace);
  });
});
