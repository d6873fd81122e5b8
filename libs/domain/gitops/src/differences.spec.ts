import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@samband/resources';
import { differenceOf, withoutRewritten } from './differences.js';
import { changedBy, isAppliedBy } from './managers.js';

const source = 'samband.dev/team.source';
const manifest: KubeObject = {
  apiVersion: 'v1',
  kind: 'Widget',
  metadata: { name: 'a', labels: { ours: 'x' } },
  spec: { ttl: { maximum: 3_600 }, list: [1, 2], plan: 'small' },
};
const live = (changes: object, managedFields: object[] = []): KubeObject => ({
  ...manifest,
  ...changes,
  metadata: { ...manifest.metadata, uid: 'u', managedFields },
});
const fields = (object: KubeObject): unknown => {
  const difference = differenceOf(manifest, object);
  return difference?.kind === 'changed' ? difference.fields.map((path) => path.join('.')) : difference;
};

describe('how a live object differs from what was applied', () => {
  it.each<[string, KubeObject, unknown]>([
    ['not at all', live({ status: {}, spec: { ...(manifest['spec'] as object), more: 1 } }), undefined],
    [
      'in a value',
      live({ spec: { ttl: { maximum: 1 }, list: [1, 2], plan: 'small' } }),
      ['spec.ttl.maximum'],
    ],
    [
      'in a value and a field that is gone',
      live({ spec: { list: [1, 2], plan: 'x' } }),
      ['spec.ttl', 'spec.plan'],
    ],
    ['in a list', live({ spec: { ttl: { maximum: 3_600 }, list: [1], plan: 'small' } }), ['spec.list']],
    ['in a label', { ...manifest, metadata: { name: 'a', labels: {} } }, ['metadata.labels.ours']],
    [
      'in that it goes',
      { ...manifest, metadata: { name: 'a', deletionTimestamp: 'now' } },
      { kind: 'going' },
    ],
  ])('%s', (_how, object, expected) => {
    expect(fields(object)).toEqual(expected);
  });

  it('in that it is not there', () => {
    expect(differenceOf(manifest, undefined)).toEqual({ kind: 'missing' });
  });

  it('says how a Secret differs from its stringData', () => {
    const secret = { ...manifest, kind: 'Secret', stringData: { a: 'x', b: 'y' } };
    const changed = { ...secret, data: { a: 'eA==', b: 'eA==' } };
    expect(differenceOf(secret, changed)).toEqual({ kind: 'changed', fields: [['data', 'b']] });
  });

  const changed = (managedFields: object[]): KubeObject =>
    live({ spec: { ttl: { maximum: 1 }, list: [1], plan: 'small' } }, managedFields);
  const applied = (fieldsV1: object): object => ({ manager: source, operation: 'Apply', fieldsV1 });
  const edited = (fieldsV1: object, manager = 'kubectl-edit', time = '2026-01-01T00:00:00Z'): object => ({
    manager,
    operation: 'Update',
    time,
    fieldsV1,
  });
  const remaining = (object: KubeObject): unknown => {
    const difference = withoutRewritten(differenceOf(manifest, object)!, object, source);
    return difference?.kind === 'changed' ? difference.fields.map((path) => path.join('.')) : difference;
  };

  it('in nothing that the API server wrote its own way: then the value is still what was applied', () => {
    const all = { 'f:spec': { 'f:ttl': { 'f:maximum': {} }, 'f:list': {}, 'f:plan': {} } };
    expect(remaining(changed([applied(all)]))).toBeUndefined();
    expect(remaining(changed([applied({ 'f:spec': { 'f:ttl': {}, 'f:list': {} } })]))).toBeUndefined();
  });

  it('in what somebody else has written, and in lists whose items have owners of their own', () => {
    const rest = { 'f:spec': { 'f:list': { 'v:1': {} }, 'f:plan': {} } };
    const object = changed([applied(rest), edited({ 'f:spec': { 'f:ttl': { 'f:maximum': {} } } })]);
    expect(remaining(object)).toEqual(['spec.ttl.maximum', 'spec.list']);
  });

  it('by whose hand, as far as that can be told', () => {
    const ttl = { 'f:spec': { 'f:ttl': { 'f:maximum': {} } } };
    const object = changed([
      applied({}),
      edited(ttl, 'kubectl-edit'),
      edited({ 'f:spec': { 'f:plan': {} } }, 'portal', '2026-01-02T00:00:00Z'),
      { ...edited({ 'f:status': {} }, 'samband-status', '2026-01-03T00:00:00Z'), subresource: 'status' },
    ]);
    expect(changedBy(source, object, ['spec', 'ttl', 'maximum'])).toBe('kubectl-edit');
    expect(changedBy(source, object, ['spec', 'gone'])).toBe('portal');
    expect(changedBy(source, live({}), ['spec', 'gone'])).toBeUndefined();
  });

  it('knows what was applied by a manager from what was updated in its name', () => {
    expect(isAppliedBy(source, changed([applied({})]))).toBe(true);
    expect(isAppliedBy(source, changed([edited({}, source)]))).toBe(false);
    expect(isAppliedBy(source, manifest)).toBe(false);
  });
});
