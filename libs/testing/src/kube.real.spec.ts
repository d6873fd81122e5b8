import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { startKube, type TestKube } from './kube.js';

describe('startKube', () => {
  let kube: TestKube;
  beforeAll(async () => {
    kube = await startKube({ controllers: ['namespace'] });
  });
  afterAll(async () => {
    await kube.stop();
  });

  it('serves kubectl as cluster admin', async () => {
    await kube.kubectl(['create', 'configmap', 'hello', '--from-literal=a=b']);
    expect(await kube.kubectl(['get', 'configmap', 'hello', '-o', 'jsonpath={.data.a}'])).toBe('b');
  });

  it('gives service account tokens that RBAC holds back', async () => {
    const token = await kube.tokenFor('team1', 'deployer');
    const whoami = await kube.kubectl(['auth', 'whoami', `--token=${token}`, '-o', 'json']);
    expect(whoami).toContain('admin');
    const review = await kube.request('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      spec: { token },
    });
    expect(review.body).toMatchObject({
      status: { user: { username: 'system:serviceaccount:team1:deployer' } },
    });
  });

  it('keeps its objects when the API server is killed and started again', async () => {
    await kube.killApiServer();
    await kube.startApiServer();
    expect(await kube.kubectl(['get', 'configmap', 'hello', '-o', 'name'])).toBe('configmap/hello\n');
  });

  it('ends namespaces with the namespace controller', async () => {
    await kube.kubectl(['create', 'namespace', 'short-lived']);
    await kube.kubectl(['delete', 'namespace', 'short-lived', '--wait=false']);
    await eventually(
      async () => (await kube.request('GET', '/api/v1/namespaces/short-lived')).status === 404,
      {
        timeoutMs: 30_000,
      },
    );
  });
});
