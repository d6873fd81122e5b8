import assert from 'node:assert/strict';
import { refOf } from '@samband/resources';
import { configMap, dataOf, fails, mustGet, promise, source, type ContractCase } from './subject.js';

/** What a write leaves alone: generations, versions, the other half of the object. */
export const statusCases: readonly ContractCase[] = [
  promise(
    'counts generations of what is desired, where the kind counts them',
    async ({ store, namespace }) => {
      const made = await store.apply(source(namespace, 'counted'), { fieldManager: 'a' });
      assert.equal(made.metadata.generation, 1);
      const labelled = await store.patch(refOf(made), { metadata: { labels: { x: 'y' } } });
      assert.equal(labelled.metadata.generation, 1);
      assert.notEqual(labelled.metadata.resourceVersion, made.metadata.resourceVersion);
      await store.patchStatus({ ref: refOf(made), status: { observedGeneration: 1 } });
      const changed = await store.apply(source(namespace, 'counted', { interval: '9m' }), {
        fieldManager: 'a',
      });
      assert.equal(changed.metadata.generation, 2);
      assert.equal(changed.metadata.uid, made.metadata.uid);
      const map = await store.apply(configMap(namespace, 'uncounted', { a: '1' }), { fieldManager: 'a' });
      assert.equal(map.metadata.generation, undefined);
    },
  ),
  promise('writes nothing when nothing changes', async ({ store, namespace }) => {
    const made = await store.apply(source(namespace, 'same'), { fieldManager: 'a' });
    await store.patchStatus({ ref: refOf(made), status: { observedGeneration: 1 } });
    const before = await mustGet(store, refOf(made));
    await store.apply(source(namespace, 'same'), { fieldManager: 'a' });
    await store.patch(refOf(made), { spec: { serviceAccountName: 'deployer' } });
    await store.patchStatus({ ref: refOf(made), status: { observedGeneration: 1 } });
    const after = await mustGet(store, refOf(made));
    assert.equal(after.metadata.resourceVersion, before.metadata.resourceVersion);
  }),
  promise(
    'merges a status field by field, drops a stale one, and says when the object is gone',
    async ({ store, namespace }) => {
      const made = await store.create(source(namespace, 'status'));
      const ref = refOf(made);
      const { resourceVersion = '' } = made.metadata;
      const lastHandled = { requestedAt: '1' };
      const first = { observedGeneration: 1, lastHandled };
      assert.equal(await store.patchStatus({ ref, status: first, resourceVersion }), 'written');
      assert.equal(await store.patchStatus({ ref, status: {}, resourceVersion }), 'conflict');
      const second = { observedGeneration: 2, lastHandled: { rollbackTo: '2' } };
      await store.patchStatus({ ref, status: second });
      const merged = { observedGeneration: 2, lastHandled: { requestedAt: '1', rollbackTo: '2' } };
      assert.deepEqual((await mustGet(store, ref))['status'], merged);
      await store.patchStatus({ ref, status: { observedGeneration: null } });
      assert.deepEqual((await mustGet(store, ref))['status'], { lastHandled: merged.lastHandled });
      await store.delete(ref);
      assert.equal(await store.patchStatus({ ref, status: {} }), 'gone');
    },
  ),
  promise('keeps status and desired state apart', async ({ store, namespace }) => {
    const status = { observedGeneration: 7 };
    const made = await store.create({ ...source(namespace, 'apart'), status });
    assert.equal(made['status'], undefined);
    await store.patchStatus({ ref: refOf(made), status: { observedGeneration: 1 } });
    await store.apply({ ...source(namespace, 'apart'), status }, { fieldManager: 'a', force: true });
    await store.patch(refOf(made), { status });
    const live = await mustGet(store, refOf(made));
    assert.deepEqual(live['status'], { observedGeneration: 1 });
    await store.replace({ ...live, status });
    assert.deepEqual((await mustGet(store, refOf(made)))['status'], { observedGeneration: 1 });
  }),
  promise('answers with the keys of custom resources in alphabetical order', async ({ store, namespace }) => {
    const made = await store.create(source(namespace, 'ordered'));
    const conditions = [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Ready',
        message: '',
        lastTransitionTime: '2020-01-01T00:00:00Z',
      },
    ];
    await store.patchStatus({ ref: refOf(made), status: { observedGeneration: 1, conditions } });
    const { status } = (await mustGet(store, refOf(made))) as unknown as {
      status: { conditions: object[] };
    };
    assert.deepEqual(Object.keys(status), ['conditions', 'observedGeneration']);
    assert.deepEqual(Object.keys(status.conditions[0] ?? {}), [
      'lastTransitionTime',
      'message',
      'reason',
      'status',
      'type',
    ]);
  }),
  promise('replaces and patches only the version that was meant', async ({ store, namespace }) => {
    const made = await store.create(source(namespace, 'versions'));
    const { metadata } = made;
    await fails(store.replace(source(namespace, 'versions')), 'KUBERNETES_INVALID');
    const newer = await store.replace({ ...made, spec: { ...(made['spec'] as object), interval: '8m' } });
    assert.equal(newer.metadata.generation, 2);
    await fails(store.replace(made), 'KUBERNETES_CONFLICT');
    const stale = { metadata: { labels: { a: 'b' }, resourceVersion: metadata.resourceVersion } };
    await fails(store.patch(refOf(made), stale), 'KUBERNETES_CONFLICT');
    const map = configMap(namespace, 'unversioned', { a: '1' });
    await fails(store.replace(map), 'NOT_FOUND');
    await fails(store.patch(refOf(map), { data: {} }), 'NOT_FOUND');
    await store.create(map);
    await store.replace(configMap(namespace, 'unversioned', { a: '2' }));
    assert.deepEqual(await dataOf(store, namespace, 'unversioned'), { a: '2' });
  }),
];
