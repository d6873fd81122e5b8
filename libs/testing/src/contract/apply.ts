import assert from 'node:assert/strict';
import { refOf, type KubeObject } from '@samband/resources';
import { configMap, dataOf, fails, mustGet, promise, source, type ContractCase } from './subject.js';

/** Server-side apply: whose a field is. */
export const applyCases: readonly ContractCase[] = [
  promise(
    'lets each manager apply its own fields and takes away what it no longer declares',
    async ({ store, namespace }) => {
      const name = 'shared';
      await store.apply(configMap(namespace, name, { a: '1', common: 'x' }), { fieldManager: 'one' });
      await store.apply(configMap(namespace, name, { b: '2', common: 'x' }), { fieldManager: 'two' });
      assert.deepEqual(await dataOf(store, namespace, name), { a: '1', b: '2', common: 'x' });
      await store.apply(configMap(namespace, name, { c: '3' }), { fieldManager: 'one' });
      assert.deepEqual(await dataOf(store, namespace, name), { b: '2', c: '3', common: 'x' });
      await store.apply(configMap(namespace, name, { b: '2' }), { fieldManager: 'two' });
      assert.deepEqual(await dataOf(store, namespace, name), { b: '2', c: '3' });
      await store.apply(configMap(namespace, name), { fieldManager: 'one' });
      await store.apply(configMap(namespace, name), { fieldManager: 'two' });
      assert.equal(await dataOf(store, namespace, name), undefined);
    },
  ),
  promise(
    'takes labels away that were applied and no longer are, and leaves others’',
    async ({ store, namespace }) => {
      const labelled = (labels: Record<string, string>): KubeObject => {
        const object = source(namespace, 'labels');
        return { ...object, metadata: { ...object.metadata, labels } };
      };
      const made = await store.apply(labelled({ mine: '1' }), { fieldManager: 'one' });
      await store.patch(refOf(made), { metadata: { labels: { theirs: '2' } } }, { fieldManager: 'kubectl' });
      const bare = await store.apply(source(namespace, 'labels'), { fieldManager: 'one' });
      assert.deepEqual(bare.metadata.labels, { theirs: '2' });
      const none = await store.patch(refOf(made), { metadata: { labels: { theirs: null } } });
      assert.deepEqual(none.metadata.labels ?? {}, {});
    },
  ),
  promise(
    'names managers and fields of a conflict, and takes the fields over by force',
    async ({ store, namespace }) => {
      const name = 'claimed';
      await store.apply(configMap(namespace, name, { owner: 'a' }), { fieldManager: 'samband.dev/n.one' });
      const second = configMap(namespace, name, { owner: 'b' });
      const refused = await fails(store.apply(second, { fieldManager: 'two' }), 'KUBERNETES_CONFLICT');
      assert.match(refused.message, /\.data\.owner: conflict with "samband\.dev\/n\.one"/);
      assert.equal(refused.facts['managers'], 'samband.dev/n.one');
      assert.equal(refused.facts['fields'], '.data.owner');
      const dry = { fieldManager: 'two', dryRun: true };
      await fails(store.apply(second, dry), 'KUBERNETES_CONFLICT');
      await store.apply(second, { fieldManager: 'two', force: true });
      assert.deepEqual(await dataOf(store, namespace, name), { owner: 'b' });
      // What was taken over is no longer the first manager's to take away.
      await store.apply(configMap(namespace, name), { fieldManager: 'samband.dev/n.one' });
      assert.deepEqual(await dataOf(store, namespace, name), { owner: 'b' });
    },
  ),
  promise('applies to the version that was named, and to no other', async ({ store, namespace }) => {
    const name = 'judged';
    const made = await store.apply(configMap(namespace, name, { a: '1' }), { fieldManager: 'one' });
    const stale = configMap(namespace, name, { a: '2' });
    const { uid = '', resourceVersion = '' } = made.metadata;
    Object.assign(stale.metadata, { uid, resourceVersion });
    await store.patch(refOf(made), { data: { b: '1' } }, { fieldManager: 'kubectl-edit' });
    const forced = { fieldManager: 'one', force: true };
    const refused = await fails(store.apply(stale, forced), 'KUBERNETES_CONFLICT');
    assert.equal(refused.facts['managers'] ?? '', '');
    assert.deepEqual(await dataOf(store, namespace, name), { a: '1', b: '1' });
    await store.delete(refOf(made));
    await fails(store.apply(stale, forced), 'KUBERNETES_CONFLICT');
    assert.equal(await store.get(refOf(made)), undefined);
  }),
  promise(
    'gives a field to whoever changes it by a patch, under the name that was given',
    async ({ store, namespace }) => {
      const made = await store.apply(configMap(namespace, 'edited', { a: '1', b: '1' }), {
        fieldManager: 'one',
      });
      await store.patch(refOf(made), { data: { a: '2' } }, { fieldManager: 'kubectl-edit' });
      const again = store.apply(configMap(namespace, 'edited', { a: '1', b: '1' }), { fieldManager: 'one' });
      const refused = await fails(again, 'KUBERNETES_CONFLICT');
      assert.equal(refused.facts['managers'], 'kubectl-edit');
      assert.match(refused.message, /conflict with "kubectl-edit" using v1/);
      await store.apply(configMap(namespace, 'edited', { b: '1' }), { fieldManager: 'one' });
      assert.deepEqual(await dataOf(store, namespace, 'edited'), { a: '2', b: '1' });
    },
  ),
  promise(
    'leaves the fields of an object that was created, when an applied one gives them up',
    async ({ store, namespace }) => {
      const made = await store.create(configMap(namespace, 'adopted', { a: '1' }), {
        fieldManager: 'kubectl-create',
      });
      const mine = configMap(namespace, 'adopted', { a: '1', b: '2' });
      await store.apply(mine, { fieldManager: 'one' });
      await store.apply(configMap(namespace, 'adopted'), { fieldManager: 'one' });
      assert.deepEqual(await dataOf(store, namespace, 'adopted'), { a: '1' });
      assert.equal((await mustGet(store, refOf(made))).metadata.uid, made.metadata.uid);
    },
  ),
  promise('takes a list as one value, and finalizers one by one', async ({ store, namespace }) => {
    const subjects = (names: string[]): KubeObject => ({
      apiVersion: 'user.enmasse.io/v1beta1',
      kind: 'MessagingUser',
      metadata: { namespace, name: 'space.listed' },
      spec: {
        username: 'listed',
        authentication: { type: 'password', password: 'cGFzcw==' },
        authorization: [{ operations: ['send'], addresses: names }],
      },
    });
    const made = await store.apply(subjects(['a', 'b']), { fieldManager: 'one' });
    await fails(store.apply(subjects(['a']), { fieldManager: 'two' }), 'KUBERNETES_CONFLICT');
    const changed = await store.apply(subjects(['c']), { fieldManager: 'one' });
    assert.deepEqual((changed['spec'] as { authorization: object[] }).authorization, [
      { operations: ['send'], addresses: ['c'] },
    ]);
    const finalizer = (name: string): KubeObject => {
      const object = subjects(['c']);
      return { ...object, metadata: { ...object.metadata, finalizers: [`samband.dev/${name}`] } };
    };
    await store.apply(finalizer('one'), { fieldManager: 'one' });
    const both = await store.apply(finalizer('two'), { fieldManager: 'two' });
    assert.deepEqual(both.metadata.finalizers, ['samband.dev/one', 'samband.dev/two']);
    const bare = await store.apply(subjects(['c']), { fieldManager: 'one' });
    assert.deepEqual(bare.metadata.finalizers, ['samband.dev/two']);
    await store.patch(refOf(made), { metadata: { finalizers: null } });
  }),
  promise('changes nothing in a dry run, and answers what would be', async ({ store, namespace }) => {
    const dry = { fieldManager: 'a', dryRun: true };
    const imagined = await store.apply(configMap(namespace, 'dry', { a: '1' }), dry);
    assert.deepEqual(imagined['data'], { a: '1' });
    assert.equal(await store.get(refOf(imagined)), undefined);
    await store.apply(configMap(namespace, 'dry', { a: '1' }), { fieldManager: 'a' });
    const changed = await store.apply(configMap(namespace, 'dry', { a: '2' }), dry);
    assert.deepEqual(changed['data'], { a: '2' });
    assert.deepEqual(await dataOf(store, namespace, 'dry'), { a: '1' });
  }),
];
