import assert from 'node:assert/strict';
import { errorCode } from '@samband/errors';
import { refOf, type KubeObject } from '@samband/resources';
import { configMap, fails, mustGet, promise, source, type ContractCase } from './subject.js';

/** Objects as a whole: made, read, listed, removed, by whom. */
export const objectsCases: readonly ContractCase[] = [
  promise(
    'reads what is not there as undefined, and refuses a kind that is not served',
    async ({ store, namespace }) => {
      assert.equal(await store.get(refOf(configMap(namespace, 'nobody'))), undefined);
      const thing = { apiVersion: 'v1', kind: 'Thing', namespace, name: 'x' };
      assert.equal(await store.discover(thing), undefined);
      await fails(store.get(thing), 'KUBERNETES_UNKNOWN_KIND');
      await fails(store.delete(thing), 'KUBERNETES_UNKNOWN_KIND');
      assert.deepEqual(await store.discover({ apiVersion: 'samband.dev/v1alpha1', kind: 'GitSource' }), {
        apiVersion: 'samband.dev/v1alpha1',
        kind: 'GitSource',
        plural: 'gitsources',
        namespaced: true,
      });
    },
  ),
  promise('creates once, and only in a namespace that exists', async ({ store, namespace }) => {
    const created = await store.create(configMap(namespace, 'once', { a: '1' }));
    assert.ok(created.metadata.uid);
    assert.ok(created.metadata.creationTimestamp);
    await fails(store.create(configMap(namespace, 'once')), 'CONFLICT');
    await fails(store.create(configMap('no-such-namespace', 'x')), 'NOT_FOUND');
    await fails(store.apply(configMap('no-such-namespace', 'x'), { fieldManager: 'a' }), 'NOT_FOUND');
  }),
  promise(
    'deletes only the one that was meant, and says whether it was there',
    async ({ store, namespace }) => {
      const made = await store.create(configMap(namespace, 'deleted'));
      const other = '00000000-0000-4000-8000-999999999999';
      assert.equal(await store.delete(refOf(made), { uid: other }), false);
      const changed = await store.replace({ ...made, data: { changed: 'yes' } });
      const { uid = '', resourceVersion: before = '' } = made.metadata;
      await fails(store.delete(refOf(made), { uid, resourceVersion: before }), 'KUBERNETES_CONFLICT');
      assert.equal(await store.delete(refOf(made), { dryRun: true }), true);
      assert.equal(
        await store.delete(refOf(made), { uid, resourceVersion: changed.metadata.resourceVersion ?? '' }),
        true,
      );
      assert.equal(await store.delete(refOf(made)), false);
    },
  ),
  promise('keeps what a finalizer holds, marked, until the last one goes', async ({ store, namespace }) => {
    const object = source(namespace, 'held');
    const made = await store.create({
      ...object,
      metadata: { ...object.metadata, finalizers: ['samband.dev/a', 'samband.dev/b'] },
    });
    const ref = refOf(made);
    assert.equal(await store.delete(ref), true);
    const marked = await mustGet(store, ref);
    assert.ok(marked.metadata.deletionTimestamp);
    assert.equal(marked.metadata.generation, 2);
    assert.equal(await store.delete(ref), true);
    assert.equal((await mustGet(store, ref)).metadata.generation, 2);
    const more = { metadata: { finalizers: ['samband.dev/a', 'samband.dev/c'] } };
    await fails(store.patch(ref, more), 'KUBERNETES_INVALID');
    await store.patch(ref, { metadata: { finalizers: ['samband.dev/b'] } });
    assert.deepEqual((await mustGet(store, ref)).metadata.finalizers, ['samband.dev/b']);
    await store.patch(ref, { metadata: { finalizers: [] } });
    assert.equal(await store.get(ref), undefined);
  }),
  promise('acts with the rights of the one it impersonates', async ({ store, namespace, grant }) => {
    const user = `system:serviceaccount:${namespace}:contract`;
    const object = configMap(namespace, 'rights', { a: '1' });
    const as = { fieldManager: 'a', as: user };
    const refused = await fails(store.apply(object, as), 'KUBERNETES_FORBIDDEN');
    assert.match(refused.message, new RegExp(`^ConfigMap ${namespace}/rights: .*"${user}".*configmaps`));
    await fails(store.get(refOf(object), { as: user }), 'KUBERNETES_FORBIDDEN');
    await grant(user, ['patch'], 'configmaps');
    await fails(store.apply(object, as), 'KUBERNETES_FORBIDDEN');
    await grant(user, ['create'], 'configmaps');
    const made = await store.apply(object, as);
    await fails(store.delete(refOf(made), { as: user }), 'KUBERNETES_FORBIDDEN');
    await fails(store.get(refOf(made), { as: user }), 'KUBERNETES_FORBIDDEN');
    await grant(user, ['get', 'delete'], 'configmaps');
    assert.deepEqual((await store.get(refOf(made), { as: user }))?.['data'], { a: '1' });
    const question = { user, group: '', resource: 'configmaps', namespace };
    assert.equal(await store.reviewAccess({ ...question, verb: 'delete' }), true);
    assert.equal(await store.reviewAccess({ ...question, verb: 'update' }), false);
    assert.equal(await store.delete(refOf(made), { as: user }), true);
  }),
  promise('lists by namespace and labels', async ({ store, namespace }) => {
    for (const [name, labels] of Object.entries({
      l1: { list: 'yes', tier: 'a' },
      l2: { list: 'yes', tier: 'b' },
      l3: { tier: 'a' },
    })) {
      const object = configMap(namespace, name);
      await store.create({ ...object, metadata: { ...object.metadata, labels } });
    }
    const names = async (labelSelector: string): Promise<string[]> => {
      const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
      const { items } = await store.list(kind, { namespace, labelSelector });
      return items.map(({ metadata }) => metadata.name);
    };
    assert.deepEqual(await names('list=yes'), ['l1', 'l2']);
    assert.deepEqual(await names('list,tier!=a'), ['l2']);
    assert.deepEqual(await names('tier in (a, b),!list'), ['l3']);
    assert.deepEqual(await names('list=yes,tier notin (b)'), ['l1']);
  }),
  promise('stores what a Secret says in clear as its data', async ({ store, namespace }) => {
    const secret: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: 'clear' },
      stringData: { a: 'text' },
    };
    await store.create(secret);
    const live = await mustGet(store, refOf(secret));
    assert.deepEqual(live['data'], { a: 'dGV4dA==' });
    assert.equal(live['stringData'], undefined);
  }),
  promise('works on many, each with a result of its own in its place', async ({ store, namespace }) => {
    const names = ['m1', 'm2', 'm3'];
    const objects = names.map((name) =>
      name === 'm2' ? configMap('no-such-namespace', name) : configMap(namespace, name),
    );
    const progress: number[] = [];
    const applied = await store.applyMany(objects, {
      fieldManager: 'a',
      onProgress: (done) => progress.push(done),
    });
    assert.deepEqual(
      applied.map((result) => (result.ok ? result.object?.metadata.name : errorCode(result.error))),
      ['m1', 'NOT_FOUND', 'm3'],
    );
    assert.deepEqual(progress, [1, 2, 3]);
    const present = await store.create(source(namespace, 's1'));
    const outcomes = await store.patchStatusMany(
      [present, source(namespace, 's2')].map((one) => ({
        ref: refOf(one),
        status: { observedGeneration: 1 },
      })),
    );
    assert.deepEqual(outcomes, ['written', 'gone']);
    const removed = await store.deleteMany(names.map((name) => refOf(configMap(namespace, name))));
    assert.deepEqual(
      removed.map(({ ok }) => ok),
      [true, true, true],
    );
    assert.equal(await store.get(refOf(configMap(namespace, 'm1'))), undefined);
  }),
  promise('stops in the middle of many when it is told to', async ({ store, namespace }) => {
    const controller = new AbortController();
    const objects = Array.from({ length: 100 }, (_, index) => configMap(namespace, `stop-${index}`));
    const stopped = store.applyMany(objects, {
      fieldManager: 'a',
      signal: controller.signal,
      onProgress: (done) => {
        if (done === 10) controller.abort(new Error('enough'));
      },
    });
    await assert.rejects(stopped, /enough/);
    const { items } = await store.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace });
    assert.ok(items.filter(({ metadata }) => metadata.name.startsWith('stop-')).length < 100);
  }),
  promise('told to stop, has told of all that was written, and writes no more', async (subject) => {
    const { store, namespace } = subject;
    const controller = new AbortController();
    const objects = Array.from({ length: 100 }, (_, index) => configMap(namespace, `told-${index}`));
    const told: string[] = [];
    const stopped = store.applyMany(objects, {
      fieldManager: 'a',
      signal: controller.signal,
      onApplied: ({ metadata }, index) => {
        assert.equal(metadata.name, objects[index]?.metadata.name);
        told.push(`${metadata.name} ${metadata.uid}`);
        if (told.length === 10) controller.abort(new Error('enough'));
      },
    });
    await assert.rejects(stopped, /enough/);
    const atEnd = [...told].sort();
    assert.ok(atEnd.length >= 10 && atEnd.length < 100);
    const { items } = await store.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace });
    const there = items.filter(({ metadata }) => metadata.name.startsWith('told-'));
    assert.deepEqual(there.map(({ metadata }) => `${metadata.name} ${metadata.uid}`).sort(), atEnd);
  }),
  promise('writes nothing once the signal was aborted', async ({ store, namespace }) => {
    const signal = AbortSignal.abort(new Error('enough'));
    const made = await store.create(configMap(namespace, 'over', { a: '1' }));
    const ref = refOf(made);
    await assert.rejects(
      store.apply(configMap(namespace, 'over-2'), { fieldManager: 'a', signal }),
      /enough/,
    );
    await assert.rejects(store.create(configMap(namespace, 'over-3'), { signal }), /enough/);
    await assert.rejects(store.replace({ ...made, data: { a: '2' } }, { signal }), /enough/);
    await assert.rejects(store.patch(ref, { data: { a: '2' } }, { signal }), /enough/);
    await assert.rejects(store.delete(ref, { signal }), /enough/);
    await assert.rejects(store.deleteMany([ref], { signal }), /enough/);
    const status = { ref, status: { observedGeneration: 1 } };
    await assert.rejects(store.patchStatusMany([status], { signal }), /enough/);
    assert.deepEqual(await mustGet(store, ref), made);
    assert.equal(await store.get(refOf(configMap(namespace, 'over-2'))), undefined);
  }),
];
