import { describe, expect, it } from '@jest/globals';
import { refOf, type KubeObject, type ResourceChange } from '@samband/resources';
import { createViewCache, type ViewCache } from './view-cache.js';

const kind = { apiVersion: 'enmasse.io/v1beta1', kind: 'Address' };

function object(
  name: string,
  resourceVersion = '1',
  fields: { namespace?: string; uid?: string } = {},
): KubeObject {
  const { namespace = 'team', uid = `uid-${name}` } = fields;
  return { ...kind, metadata: { namespace, name, resourceVersion, uid } };
}

function newCache(): { cache: ViewCache; told: string[] } {
  const told: string[] = [];
  const say = ({ before, after }: ResourceChange): void => {
    const version = (held: KubeObject | undefined): string => held?.metadata.resourceVersion ?? 'none';
    told.push(
      `${after?.metadata.name ?? before?.metadata.name ?? ''}: ${version(before)} → ${version(after)}`,
    );
  };
  const space = { name: 'space', of: (held: KubeObject) => [held.metadata.name.split('.')[0] ?? ''] };
  return { cache: createViewCache([space], say), told };
}

describe('the cache of a view', () => {
  it('tells each change once, with the object before and after', () => {
    const { cache, told } = newCache();
    cache.put(object('app.a', '1'));
    cache.put(object('app.a', '1'));
    cache.put(object('app.a', '2'));
    cache.remove(refOf(object('app.a')));
    cache.remove(refOf(object('app.a')));
    expect(told).toEqual(['app.a: none → 1', 'app.a: 1 → 2', 'app.a: 2 → none']);
  });

  it('tells what a new list no longer has as deleted, before what it has anew', () => {
    const { cache, told } = newCache();
    for (const name of ['app.a', 'app.b', 'app.c']) cache.put(object(name));
    told.length = 0;
    cache.replaceAll(kind, [object('app.b'), object('app.c', '2'), object('app.d')]);
    expect(told).toEqual(['app.a: 1 → none', 'app.c: 1 → 2', 'app.d: none → 1']);
  });

  it('tells the end of an object whose name was taken by another one', () => {
    const { cache, told } = newCache();
    cache.put(object('app.a', '1', { uid: 'old' }));
    cache.replaceAll(kind, [object('app.a', '9', { uid: 'new' })]);
    expect(told).toEqual(['app.a: none → 1', 'app.a: 1 → none', 'app.a: none → 9']);
  });

  it('finds by namespace and by index, also after changes', () => {
    const { cache } = newCache();
    cache.put(object('app.a'));
    cache.put(object('app.b'));
    cache.put(object('app.a', '1', { namespace: 'other', uid: 'x' }));
    cache.put(object('web.a'));
    expect(cache.list(kind)).toHaveLength(4);
    expect(cache.list({ ...kind, apiVersion: 'enmasse.io/v1' }, 'other')).toHaveLength(1);
    expect(cache.byIndex('space', 'app')).toHaveLength(3);
    cache.remove(refOf(object('app.a')));
    expect(cache.byIndex('space', 'app').map(({ metadata }) => metadata.name)).toEqual(['app.b', 'app.a']);
    expect(cache.byIndex('space', 'nobody')).toEqual([]);
    expect(() => cache.byIndex('typo', 'app')).toThrow('typo');
  });

  it('holds objects of any name', () => {
    const { cache } = newCache();
    cache.put(object('__proto__'));
    cache.put(object('constructor'));
    expect(cache.byIndex('space', '__proto__')).toHaveLength(1);
    expect(cache.get(refOf(object('toString')))).toBeUndefined();
    expect(cache.byIndex('space', 'toString')).toEqual([]);
  });
});
