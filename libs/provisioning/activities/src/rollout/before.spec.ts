import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@samband/resources';
import { beforeOf } from './before.js';

const map = (data: Record<string, string>, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'team', name: 'm', ...metadata },
  data,
});

describe('what the way back applies', () => {
  it('is everything but the server’s own of an object that this source never applied', () => {
    const live = { ...map({ a: '1' }, { uid: 'u', generation: 3, labels: { x: 'y' } }), status: {} };
    expect(beforeOf(live, undefined, map({ b: '2' }))).toEqual(map({ a: '1' }, { labels: { x: 'y' } }));
  });

  it('is what was applied last, while that is in force', () => {
    const applied = map({ a: '1' });
    expect(beforeOf(map({ a: '1', theirs: '9' }), applied, map({ a: '2' }))).toEqual(applied);
  });

  it('is what is there when somebody changed what was applied', () => {
    expect(beforeOf(map({ a: '5' }), map({ a: '1' }), map({ a: '2' }))).toEqual(map({ a: '5' }));
  });

  it('holds what others set where the new manifest sets it too', () => {
    const live = map({ a: '1', theirs: '9', alone: '8' }, { annotations: { note: 'hi' } });
    const manifest = map({ a: '1', theirs: '0' }, { annotations: { note: 'ho', mine: '1' } });
    expect(beforeOf(live, map({ a: '1' }), manifest)).toEqual(
      map({ a: '1', theirs: '9' }, { annotations: { note: 'hi' } }),
    );
  });
});
