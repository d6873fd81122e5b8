import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { refOf, type KubeObject, type ResourceChange } from '@samband/resources';
import { eventually, startKube, type TestKube } from '@samband/testing';
import {
  createResourceStore,
  createResourceView,
  type KubernetesStore,
  type LiveResourceView,
} from './index.js';
import { createBreakableLine } from './breakable-line.fixture.js';
import { aWidget, widgetCrd, widgetKind } from './widget.fixture.js';

const configMaps = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default' };
const secrets = { apiVersion: 'v1', kind: 'Secret', metadataOnly: true };

function configMap(name: string, data: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name }, data };
}

describe('the resource view', () => {
  let kube: TestKube;
  let store: KubernetesStore;
  let view: LiveResourceView;
  const errors: unknown[] = [];

  const newView = async (): Promise<LiveResourceView> => {
    view = await createResourceView(
      { kubeconfig: kube.kubeconfigPath },
      {
        kinds: [configMaps, secrets, widgetKind],
        indexes: [{ name: 'prefix', of: ({ metadata }) => [metadata.name.split('-')[0] ?? ''] }],
        onError: (_what, error) => errors.push(error),
      },
    );
    return view;
  };

  beforeAll(async () => {
    kube = await startKube({ controllers: ['garbagecollector'] });
    store = createResourceStore({ kubeconfig: kube.kubeconfigPath, attempts: 30 });
  });
  afterEach(() => {
    view.stop();
  });
  afterAll(async () => {
    store.close();
    await kube.stop();
  });

  it('waits for a kind that is installed later', async () => {
    const waiting = await newView();
    await eventually(() => waiting.disconnected().includes('Widget (test.samband.dev/v1)'));
    await store.apply(widgetCrd, { fieldManager: 'test' });
    await eventually(() => store.discover(widgetKind));
    await waiting.ready;
    await store.apply(aWidget('first'), { fieldManager: 'test' });
    await eventually(() => waiting.get(refOf(aWidget('first'))));
  });

  it('holds what is there and follows what comes, without managed fields', async () => {
    await store.apply(configMap('app-before', { a: '1' }), { fieldManager: 'test' });
    const live = await newView();
    const changes: ResourceChange[] = [];
    const unsubscribe = live.subscribe((change) => changes.push(change));
    await live.ready;
    await store.apply(configMap('app-after', { a: '2' }), { fieldManager: 'test' });
    await store.delete(refOf(configMap('app-before')));
    await eventually(() => live.byIndex('prefix', 'app').length === 1);
    const held = live.get(refOf(configMap('app-after')));
    expect(held).toMatchObject({ kind: 'ConfigMap', data: { a: '2' } });
    expect(held?.metadata['managedFields']).toBeUndefined();
    const told = changes.filter(({ ref }) => ref.name.startsWith('app-'));
    expect(told.map(({ ref, after }) => `${ref.name} ${after === undefined ? 'gone' : 'there'}`)).toEqual([
      'app-before there',
      'app-after there',
      'app-before gone',
    ]);
    unsubscribe();
  });

  it('does not hold the data of what is asked for as metadata', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default', name: 's1' } };
    await store.apply({ ...secret, stringData: { password: 'hunter2' } }, { fieldManager: 'test' });
    const live = await newView();
    await live.ready;
    await store.apply(
      { ...secret, metadata: { ...secret.metadata, name: 's2' }, stringData: { password: 'hunter2' } },
      {
        fieldManager: 'test',
      },
    );
    await eventually(() => live.list(secrets, 'default').length === 2);
    expect(live.list(secrets).map(({ kind }) => kind)).toEqual(['Secret', 'Secret']);
    expect(JSON.stringify(live.list(secrets))).not.toContain(Buffer.from('hunter2').toString('base64'));
  });

  it('misses nothing while the API server is killed and comes back', async () => {
    const live = await newView();
    await live.ready;
    const deleted: string[] = [];
    live.subscribe(({ ref, after }) => {
      if (after === undefined) deleted.push(ref.name);
    });
    await store.applyMany(
      Array.from({ length: 50 }, (_, index) => configMap(`churn-${index}`)),
      { fieldManager: 'test' },
    );
    await eventually(() => live.byIndex('prefix', 'churn').length === 50);

    const writing = store.applyMany(
      Array.from({ length: 300 }, (_, index) => configMap(`churn-${index}`, { round: 'two' })),
      { fieldManager: 'test' },
    );
    await eventually(() => live.byIndex('prefix', 'churn').length > 100);
    await kube.killApiServer();
    await kube.startApiServer();
    expect((await writing).every(({ ok }) => ok)).toBe(true);
    await store.deleteMany([refOf(configMap('churn-7')), refOf(configMap('churn-299'))]);

    await eventually(
      () => {
        const held = live.byIndex('prefix', 'churn');
        return (
          held.length === 298 &&
          held.every((object) => (object['data'] as { round?: string }).round === 'two')
        );
      },
      { timeoutMs: 30_000 },
    );
    expect(deleted.sort()).toEqual(['churn-299', 'churn-7']);
  });

  it.each([
    ['goes on from there', () => Promise.resolve()],
    [
      'compares lists when the server has forgotten what was between',
      async () => {
        await kube.killApiServer();
        await kube.startApiServer();
      },
    ],
  ])('sees after a broken connection what was deleted and changed meanwhile: %s', async (_how, meanwhile) => {
    const line = await createBreakableLine(Number(new URL(kube.url).port));
    const kubeconfig = path.join(path.dirname(kube.kubeconfigPath), 'line.kubeconfig');
    const text = await readFile(kube.kubeconfigPath, 'utf8');
    await writeFile(kubeconfig, text.replace(kube.url, `https://127.0.0.1:${line.port}`));
    await store.applyMany([configMap('line-1'), configMap('line-2')], { fieldManager: 'test' });
    view = await createResourceView({ kubeconfig }, { kinds: [configMaps] });
    await view.ready;
    await eventually(() => view.disconnected().length === 0);
    const told: string[] = [];
    view.subscribe(({ ref, before, after }) => {
      const what = after === undefined ? 'gone' : before === undefined ? 'new' : 'changed';
      if (ref.name.startsWith('line-')) told.push(`${ref.name} ${what}`);
    });

    line.cut();
    await store.delete(refOf(configMap('line-1')));
    await store.apply(configMap('line-2', { a: 'b' }), { fieldManager: 'test' });
    await meanwhile();
    expect(told).toEqual([]);
    line.mend();

    await eventually(() => told.length === 2, { timeoutMs: 30_000 });
    expect(told).toEqual(['line-1 gone', 'line-2 changed']);
    await store.delete(refOf(configMap('line-2')));
    line.close();
  });

  it('starts before the API server does', async () => {
    await kube.killApiServer();
    const early = await newView();
    await eventually(() => early.disconnected().length === 3 && errors.length > 0);
    await kube.startApiServer();
    await early.ready;
    await eventually(() => early.disconnected().length === 0);
  });
});
