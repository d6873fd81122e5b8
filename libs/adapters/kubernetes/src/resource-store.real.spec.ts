import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorCode, type SambandError } from '@samband/errors';
import { refOf, type KubeObject } from '@samband/resources';
import { eventually, startKube, type TestKube } from '@samband/testing';
import { createResourceStore, type KubernetesStore } from './index.js';
import { aWidget, widgetCrd, widgetKind } from './widget.fixture.js';

const deployer = 'system:serviceaccount:default:deployer';
const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'default', name },
  data,
});

async function failureOf(promise: Promise<unknown>): Promise<SambandError> {
  const failure: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(errorCode(failure)).toBeDefined();
  return failure as SambandError;
}

describe('the resource store', () => {
  let kube: TestKube;
  let store: KubernetesStore;

  beforeAll(async () => {
    kube = await startKube();
    store = createResourceStore({ kubeconfig: kube.kubeconfigPath });
    await store.apply(widgetCrd, { fieldManager: 'test' });
    await eventually(() => store.discover(widgetKind));
  });
  afterAll(async () => {
    store.close();
    await kube.stop();
  });

  it('reads what is not there as undefined, and refuses a kind that is not served', async () => {
    expect(await store.get(refOf(configMap('nobody')))).toBeUndefined();
    expect(await store.discover({ apiVersion: 'no.such.group/v1', kind: 'Thing' })).toBeUndefined();
    await expect(
      store.get({ apiVersion: 'v1', kind: 'Thing', namespace: 'default', name: 'x' }),
    ).rejects.toMatchObject({ code: 'KUBERNETES_UNKNOWN_KIND' });
  });

  it('creates once, replaces what it knows, patches, and deletes', async () => {
    const created = await store.create(configMap('crud', { a: '1' }));
    await expect(store.create(configMap('crud'))).rejects.toMatchObject({ code: 'CONFLICT' });
    const replaced = await store.replace({ ...created, data: { a: '2' } });
    await expect(store.replace({ ...created, data: { a: '3' } })).rejects.toMatchObject({
      code: 'KUBERNETES_CONFLICT',
    });
    await store.patch(refOf(replaced), { metadata: { annotations: { x: 'y' } } });
    expect(await store.get(refOf(replaced))).toMatchObject({
      data: { a: '2' },
      metadata: { annotations: { x: 'y' } },
    });
    expect(await store.delete(refOf(replaced), { uid: 'another-one' })).toBe(false);
    expect(await store.delete(refOf(replaced))).toBe(true);
    expect(await store.delete(refOf(replaced))).toBe(false);
  });

  it('changes nothing in a dry run', async () => {
    await store.apply(configMap('dry'), { fieldManager: 'a', dryRun: true });
    expect(await store.get(refOf(configMap('dry')))).toBeUndefined();
  });

  it('names fields and manager when two sources claim one object', async () => {
    await store.apply(configMap('claimed', { owner: 'a' }), { fieldManager: 'source-a' });
    const second = store.apply(configMap('claimed', { owner: 'b' }), { fieldManager: 'source-b' });
    await expect(second).rejects.toMatchObject({
      code: 'KUBERNETES_CONFLICT',
      facts: { managers: 'source-a', fields: '.data.owner' },
    });
    const forced = { fieldManager: 'source-b', force: true };
    expect(await store.apply(configMap('claimed', { owner: 'b' }), forced)).toMatchObject({
      data: { owner: 'b' },
    });
  });

  it('acts with the rights of the one it impersonates', async () => {
    const forbidden = store.apply(configMap('as'), { fieldManager: 'a', as: deployer });
    await expect(forbidden).rejects.toMatchObject({
      code: 'KUBERNETES_FORBIDDEN',
      message: expect.stringContaining(deployer),
    });
    await kube.kubectl(['create', 'role', 'maps', '--verb=*', '--resource=configmaps']);
    await kube.kubectl(['create', 'rolebinding', 'maps', '--role=maps', '--serviceaccount=default:deployer']);
    await eventually(() => store.apply(configMap('as'), { fieldManager: 'a', as: deployer }));
  });

  it('answers who a token is and what they may do', async () => {
    await kube.tokenFor('default', 'deployer');
    const token = await store.requestToken('default', 'deployer', 3600);
    expect(await store.reviewToken(token)).toMatchObject({ username: deployer });
    expect(await store.reviewToken(`${token}x`)).toBeUndefined();
    const may = { user: deployer, verb: 'get', group: '', resource: 'configmaps', namespace: 'default' };
    expect(await store.reviewAccess(may)).toBe(true);
    expect(await store.reviewAccess({ ...may, resource: 'secrets' })).toBe(false);
    await kube.kubectl(['create', 'clusterrole', 'nodes', '--verb=get', '--resource=nodes']);
    await kube.kubectl([
      'create',
      'clusterrolebinding',
      'nodes',
      '--clusterrole=nodes',
      '--group=system:serviceaccounts',
    ]);
    const byGroup = { user: deployer, verb: 'get', group: '', resource: 'nodes' };
    await eventually(() => store.reviewAccess(byGroup));
  });

  it('merges a status, drops a stale one, and says when the object is gone', async () => {
    const widget = await store.apply(aWidget('status'), { fieldManager: 'a' });
    const ref = refOf(widget);
    const resourceVersion = widget.metadata.resourceVersion ?? '';
    expect(await store.patchStatus({ ref, status: { a: 1, b: 2 }, resourceVersion })).toBe('written');
    expect(await store.patchStatus({ ref, status: { late: true }, resourceVersion })).toBe('conflict');
    expect(await store.patchStatus({ ref, status: { b: 3 } })).toBe('written');
    expect(await store.get(ref)).toMatchObject({ status: { b: 3 }, metadata: { generation: 1 } });
    expect((await store.get(ref))?.['status']).toEqual({ a: 1, b: 3 });
    expect(await store.patchStatus({ ref, status: { a: null } })).toBe('written');
    expect((await store.get(ref))?.['status']).toEqual({ b: 3 });
    await store.delete(ref);
    expect(await store.patchStatus({ ref, status: {} })).toBe('gone');
  });

  it('names the field that is wrong, also one that nobody knows', async () => {
    await expect(store.apply(aWidget('big', { size: 1000 }), { fieldManager: 'a' })).rejects.toMatchObject({
      code: 'KUBERNETES_INVALID',
      message: expect.stringMatching(/^Widget default\/big: spec\.size: /),
    });
    await expect(store.apply(aWidget('typo', { sise: 1 }), { fieldManager: 'a' })).rejects.toMatchObject({
      code: 'KUBERNETES_INVALID',
      message: expect.stringContaining('sise'),
    });
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { namespace: 'default', name: 'r' },
      spec: {},
    };
    await expect(store.apply(role, { fieldManager: 'a' })).rejects.toMatchObject({
      code: 'KUBERNETES_INVALID',
      message: expect.stringContaining('spec'),
    });
  });

  it('never repeats the data of a Secret', async () => {
    const secret = (fields: object): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'default', name: 's' },
      ...fields,
    });
    for (const broken of [
      { data: { 'no key': 'aHVudGVyMg==', password: 'hunter2!' } },
      { data: { password: 'hunter2' } },
      { data: 'hunter2' },
      { type: 'hunter2', data: { a: ['hunter2'] } },
    ]) {
      const failure = await failureOf(store.apply(secret(broken), { fieldManager: 'a' }));
      const told = [failure.message, JSON.stringify(failure.facts), String(failure.cause)].join(' ');
      expect(told).toContain('Secret default/s');
      expect(told).not.toContain('hunter2');
    }
  });

  it('lets nobody act as a user that cannot be', async () => {
    for (const as of ['', 'system:serviceaccount:default:a b', 'x\r\nimpersonate-group: system:masters'])
      await expect(store.apply(configMap('as'), { fieldManager: 'a', as })).rejects.toMatchObject({
        code: 'KUBERNETES_FORBIDDEN',
      });
  });

  it('does not let a name climb out of its path', async () => {
    for (const name of ['..', '.', '', 'a/b', '../x', '%2e%2e']) {
      for (const ref of [
        { ...widgetKind, namespace: 'default', name },
        { ...widgetKind, namespace: name, name: 'x' },
      ]) {
        await expect(store.patch(ref, {})).rejects.toMatchObject({ code: 'KUBERNETES_INVALID' });
        // What cannot exist is not there, and needs not go: no removal depends on a name being sane.
        expect(await store.get(ref)).toBeUndefined();
        expect(await store.delete(ref)).toBe(false);
      }
    }
    await expect(store.delete({ ...widgetKind, name: 'x' })).rejects.toMatchObject({
      code: 'KUBERNETES_INVALID',
    });
  });

  it('applies and removes many, each with a result of its own', async () => {
    const widgets = Array.from({ length: 500 }, (_, index) =>
      aWidget(`bulk-${index}`, { size: index === 250 ? 1000 : 1 }),
    );
    const progress: number[] = [];
    const results = await store.applyMany(widgets, {
      fieldManager: 'a',
      onProgress: (done) => progress.push(done),
    });
    expect(results.map(({ ok }) => ok)).toEqual(widgets.map((_, index) => index !== 250));
    expect(progress.at(-1)).toBe(500);
    const writes = results.flatMap((result) =>
      result.ok && result.object !== undefined
        ? [{ ref: refOf(result.object), status: { phase: 'Active' } }]
        : [],
    );
    expect(new Set(await store.patchStatusMany(writes))).toEqual(new Set(['written']));
    expect((await store.list(widgetKind, { namespace: 'default' })).items).toHaveLength(499);
    const removed = await store.deleteMany(widgets.map(refOf));
    expect(removed.every(({ ok }) => ok)).toBe(true);
    expect((await store.list(widgetKind)).items).toEqual([]);
  });

  it('lists over several pages, with the kind on each object', async () => {
    const maps = Array.from({ length: 1200 }, (_, index) => configMap(`page-${index}`));
    await store.applyMany(maps, { fieldManager: 'a' });
    const list = await store.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace: 'default' });
    const names = list.items.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name);
    expect(names.filter((name) => name.startsWith('page-'))).toHaveLength(1200);
    expect(new Set(names).size).toBe(names.length);
    expect(list.resourceVersion).toMatch(/^\d+$/);
  });

  it('keeps keys that have a meaning in JavaScript', async () => {
    const data = JSON.parse('{"constructor":"a","toString":"b","_proto":"c"}') as Record<string, string>;
    await store.apply(configMap('proto', data), { fieldManager: 'a' });
    expect((await store.get(refOf(configMap('proto'))))?.['data']).toEqual(data);
    expect(await store.discover({ apiVersion: 'v1', kind: '__proto__' })).toBeUndefined();
    expect(await store.discover({ apiVersion: '__proto__', kind: 'toString' })).toBeUndefined();
  });

  it('finds a kind soon after it was installed', async () => {
    const kind = { apiVersion: 'late.samband.dev/v1', kind: 'Late' };
    expect(await store.discover(kind)).toBeUndefined();
    const crd = JSON.parse(
      JSON.stringify(widgetCrd).replaceAll('test.samband.dev', 'late.samband.dev'),
    ) as KubeObject;
    Object.assign(crd['spec'] as object, { names: { kind: 'Late', plural: 'widgets' } });
    await store.apply(crd, { fieldManager: 'test' });
    expect(await eventually(() => store.discover(kind))).toMatchObject({
      plural: 'widgets',
      namespaced: true,
    });
  });

  it('counts an event up when it comes again', async () => {
    const object = await store.apply(configMap('eventful'), { fieldManager: 'a' });
    const event = {
      object,
      type: 'Warning',
      reason: 'Parked',
      message: 'holds messages',
      component: 'test',
    } as const;
    expect(await store.recordEvent(event)).toBe(true);
    expect(await store.recordEvent(event)).toBe(true);
    const { items } = await store.list({ apiVersion: 'v1', kind: 'Event' }, { namespace: 'default' });
    expect(items).toMatchObject([{ reason: 'Parked', count: 2, involvedObject: { name: 'eventful' } }]);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const widgets = Array.from({ length: 200 }, (_, index) => aWidget(`stop-${index}`));
    const stopped = store.applyMany(widgets, {
      fieldManager: 'a',
      signal: controller.signal,
      onProgress: (done) => {
        if (done === 20) controller.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    expect((await store.list(widgetKind)).items.length).toBeLessThan(200);
  });

  it('goes on when the API server comes back, and says so when it does not', async () => {
    await kube.killApiServer();
    const waiting = createResourceStore({ kubeconfig: kube.kubeconfigPath, attempts: 40 });
    const impatient = createResourceStore({ kubeconfig: kube.kubeconfigPath, attempts: 2 });
    const later = waiting.apply(configMap('later'), { fieldManager: 'a' });
    const failure: unknown = await impatient.get(refOf(configMap('x'))).catch((error: unknown) => error);
    expect(errorCode(failure)).toBe('KUBERNETES_UNAVAILABLE');
    const many = await impatient.applyMany(
      Array.from({ length: 2000 }, (_, i) => configMap(`m${i}`)),
      {
        fieldManager: 'a',
      },
    );
    expect(many.every((result) => !result.ok && errorCode(result.error) === 'KUBERNETES_UNAVAILABLE')).toBe(
      true,
    );
    await kube.startApiServer();
    expect(await later).toMatchObject({ metadata: { name: 'later' } });
    waiting.close();
    impatient.close();
  });

  it('believes no denial of an API server that starts and has not read the roles yet', async () => {
    const reader = 'system:serviceaccount:default:reader';
    const group = 'rbac.authorization.k8s.io';
    const meta = { apiVersion: `${group}/v1`, metadata: { namespace: 'default', name: 'reader' } };
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }];
    const roleRef = { apiGroup: group, kind: 'Role', name: 'reader' };
    const subjects = [{ kind: 'ServiceAccount', namespace: 'default', name: 'reader' }];
    await store.apply({ ...meta, kind: 'Role', rules }, { fieldManager: 'a' });
    await store.apply({ ...meta, kind: 'RoleBinding', roleRef, subjects }, { fieldManager: 'a' });
    const read = (): Promise<true> => store.get(refOf(configMap('later')), { as: reader }).then(() => true);
    const ask = (): Promise<boolean> =>
      store.reviewAccess({
        ...{ user: reader, verb: 'get', group: '', resource: 'configmaps' },
        ...{ namespace: 'default', name: 'later' },
      });
    await eventually(read);
    const denials: unknown[] = [];
    let starting = true;
    const insist = async (): Promise<void> => {
      while (starting) {
        await read().catch((error: unknown) => {
          if (errorCode(error) !== 'KUBERNETES_UNAVAILABLE') denials.push(error);
        });
        if (!(await ask().catch(() => true))) denials.push('the review said no');
      }
    };
    await kube.killApiServer();
    const insisting = Array.from({ length: 20 }, insist);
    await kube.startApiServer();
    starting = false;
    await Promise.all(insisting);
    expect(denials).toEqual([]);
  });
});
