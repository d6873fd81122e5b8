import { beforeEach, describe, expect, it } from '@jest/globals';
import { refKey, refOf, type GitSource, type KubeObject } from '@samband/resources';
import { aGitSource, createMemoryStore, Lifetime, mortalStore, type MemoryStore } from '@samband/testing';
import { SourceInventory, type InventoryItem } from './inventory.js';
import { aMap } from './rollout.spec-helper.js';

const item = (name: string, uid = `uid-${name}`): InventoryItem => ({ ref: refOf(aMap(name, {})), uid });
const items = (count: number): InventoryItem[] =>
  Array.from({ length: count }, (_, index) => item(`m${index}`));
const keyOf = (name: string): string => refKey(item(name).ref);

describe('the inventory of a source', () => {
  let memory: MemoryStore;
  let source: GitSource;
  beforeEach(async () => {
    memory = createMemoryStore({ namespaces: ['team', 'enmasse-infra'] });
    source = (await memory.store.create(aGitSource())) as unknown as GitSource;
  });

  const read = (store = memory.store): Promise<SourceInventory> => SourceInventory.read(store, source);
  const secrets = async (): Promise<KubeObject[]> =>
    (await memory.store.list({ apiVersion: 'v1', kind: 'Secret' }, { namespace: 'team' })).items;
  const versions = async (): Promise<Map<string, string | undefined>> =>
    new Map((await secrets()).map(({ metadata }) => [metadata.name, metadata.resourceVersion]));

  it('is not kept before something is applied', async () => {
    expect((await read()).isKept).toBe(false);
    await (await read()).update({});
    expect((await read()).isKept).toBe(false);
  });

  it('reads as it was written, in one Secret that goes with the source', async () => {
    await (await read()).update({ applied: [item('a'), item('b')] });
    await (await read()).update({ applied: [item('c'), item('b', 'made-anew')], removed: [item('a').ref] });
    const again = await read();
    expect([...again.uids]).toEqual([
      [keyOf('b'), 'made-anew'],
      [keyOf('c'), 'uid-c'],
    ]);
    expect(again.refs()).toEqual([item('b').ref, item('c').ref]);
    expect((await secrets()).map(({ metadata }) => metadata.ownerReferences)).toEqual([
      [expect.objectContaining({ kind: 'GitSource', uid: source.metadata.uid })],
    ]);
  });

  it('stays kept when all of it is gone', async () => {
    await (await read()).update({ applied: [item('a')] });
    await (await read()).update({ removed: [item('a').ref] });
    expect(await read()).toMatchObject({ isKept: true });
    expect((await read()).refs()).toEqual([]);
  });

  it('of ten thousand costs one small write for one more, and none for what is known', async () => {
    await (await read()).update({ applied: items(10_000) });
    const before = await versions();
    await (await read()).update({ applied: items(10_000), removed: [item('nobody').ref] });
    expect(await versions()).toEqual(before);
    await (await read()).update({ applied: [item('one-more')] });
    const changed = (await secrets()).filter(
      ({ metadata }) => before.get(metadata.name) !== metadata.resourceVersion,
    );
    expect(changed).toHaveLength(1);
    expect(JSON.stringify(changed).length).toBeLessThan(30_000);
    expect((await read()).uids.size).toBe(10_001);
  });

  it('counts as not there where somebody else wrote it, or wrote it for another source', async () => {
    await (await read()).update({ applied: [item('a')] });
    const [kept] = await secrets();
    const other = (await memory.store.create(
      aGitSource({ metadata: { name: 'other' } }),
    )) as unknown as GitSource;
    await memory.store.create({
      ...kept!,
      metadata: {
        name: 'other-inventory-1-0',
        namespace: 'team',
        labels: { 'samband.dev/inventory-of': 'other' },
        annotations: kept!.metadata.annotations!,
      },
    });
    expect((await SourceInventory.read(memory.store, other)).isKept).toBe(false);
    await memory.store.patch(refOf(kept!), { data: { inventory: 'AAAA' } });
    expect((await read()).isKept).toBe(false);
  });

  it('of a source that was made again under the name begins anew', async () => {
    await (await read()).update({ applied: [item('a')] });
    source = { ...source, metadata: { ...source.metadata, uid: 'another' } };
    expect((await read()).isKept).toBe(false);
  });

  it('is whole, whenever the worker dies that divides it, once another has gone on', async () => {
    for (let calls = 0; ; calls += 5) {
      memory = createMemoryStore({ namespaces: ['team', 'enmasse-infra'] });
      source = (await memory.store.create(aGitSource())) as unknown as GitSource;
      await (await read()).update({ applied: items(500) });
      const life = new Lifetime(calls);
      const store = mortalStore(memory.store, life);
      const work = async (): Promise<void> => (await read(store)).update({ applied: items(600) });
      const isDone = await work().then(
        () => true,
        () => false,
      );
      await (await read()).update({ applied: [...items(600), item('last')] });
      expect((await read()).uids.size).toBe(601);
      expect((await secrets()).filter(({ type }) => type === 'samband.dev/inventory')).toHaveLength(64);
      if (isDone) break;
    }
  });
});
