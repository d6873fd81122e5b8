import { describe, expect, it } from '@jest/globals';
import { changesWhatIsWanted } from './changes.js';
import type { KubeObject, ObjectMeta } from './object.js';

const before: KubeObject = {
  apiVersion: 'enmasse.io/v1beta1',
  kind: 'AddressSpace',
  metadata: { namespace: 'team', name: 'app', uid: '1', generation: 1, resourceVersion: '1' },
};
const secret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'team', name: 'bob', uid: '1', resourceVersion: '1' },
};

function says(was: KubeObject, metadata: Partial<ObjectMeta>): boolean {
  const after = { ...was, metadata: { ...was.metadata, resourceVersion: '2', ...metadata } };
  return changesWhatIsWanted({ ref: { ...was, name: was.metadata.name }, before: was, after });
}

describe('a change says something new of what is wanted', () => {
  it('when an object comes or goes', () => {
    const ref = { ...before, name: 'app' };
    expect(changesWhatIsWanted({ ref, before: undefined, after: before })).toBe(true);
    expect(changesWhatIsWanted({ ref, before, after: undefined })).toBe(true);
  });

  it.each<[string, KubeObject, Partial<ObjectMeta>]>([
    ['its spec changes', before, { generation: 2 }],
    ['its removal is asked for', before, { deletionTimestamp: 'now' }],
    ['another of its name takes its place', before, { uid: '2' }],
    ['it asks for something', before, { annotations: { 'samband.dev/requested-at': 'now' } }],
    ['it has no generations', secret, {}],
  ])('when %s', (_, was, metadata) => {
    expect(says(was, metadata)).toBe(true);
  });

  it.each<[string, Partial<ObjectMeta>]>([
    ['its status', {}],
    ['labels and finalizers', { labels: { a: 'b' }, finalizers: ['x'] }],
    ['notes of others', { annotations: { 'kubectl.kubernetes.io/x': 'y' } }],
  ])('but not by %s', (_, metadata) => {
    expect(says(before, metadata)).toBe(false);
  });
});
