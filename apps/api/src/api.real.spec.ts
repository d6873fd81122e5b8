import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMetrics, silentLogger } from '@samband/observability';
import { eventually, startKube, type TestKube } from '@samband/testing';
import { connectKubernetes, type KubernetesConnection } from './connect-kubernetes.js';
import { createApp } from './create-app.js';
import { systemClock } from './ports.js';
import { commit, githubHeaders, pushOf, rollout, secret, source } from './testing/world.fixture.js';

let kube: TestKube;
let folder: string;
let connection: KubernetesConnection;
let app: NestFastifyApplication;
let url: string;

/** Temporal is away throughout: what is promised here needs only the Kubernetes API. */
beforeAll(async () => {
  kube = await startKube({ crds: true, bundle: true });
  folder = await mkdtemp(path.join(os.tmpdir(), 'samband-api-'));
  const kubeconfig = path.join(folder, 'kubeconfig');
  // With the rights that the bundle gives the api, and no more.
  const token = await kube.tokenFor('enmasse-infra', 'samband-api');
  await writeFile(kubeconfig, kubeconfigOf(kube, token), { mode: 0o600 });
  await kube.tokenFor('team1', 'viewer');
  await kube.tokenFor('team2', 'viewer');
  connection = await connectKubernetes({ kubeconfig }, silentLogger);
  await connection.ready;
  app = await createApp({
    kubernetes: connection.kubernetes,
    resources: connection.resources,
    signalSource: () => Promise.reject(new Error('away')),
    checks: [{ name: 'kubernetes', required: true, check: () => connection.check() }],
    logger: silentLogger,
    metrics: createMetrics({ process: 'api' }),
    clock: systemClock,
    close: () => {
      connection.close();
      return Promise.resolve();
    },
    webhooks: { perMinute: 60_000, burst: 10_000 },
  });
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
  await apply(secret('hook', { secret: 'It’s a Secret to Everybody' }), source('app'), rollout(1));
  await grant('team1', 'viewer', ['get', 'list', 'update']);
}, 120_000);

afterAll(async () => {
  await app.close();
  await kube.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the api at a real Kubernetes API', () => {
  it('keeps a signed push that Temporal does not take, with nothing but the rights of the bundle', async () => {
    const response = await eventually(async () => {
      const answer = await post('/webhooks/team1/app');
      return answer.status === 202 ? answer : undefined;
    });
    expect(await response.json()).toMatchObject({ source: 'app' });
    const kept = await kube.kubectl([
      'get',
      'configmaps',
      '-n',
      'enmasse-infra',
      '-o',
      'json',
      '-l',
      'samband.dev/inbox',
    ]);
    const { items } = JSON.parse(kept) as { items: { data: { sources: string } }[] };
    expect(items.map(({ data }) => JSON.parse(data.sources) as unknown)).toEqual([['team1/app']]);
    expect(await (await post('/webhooks/team1/app')).json()).toEqual({
      source: 'app',
      rollout: `app-${commit.slice(0, 12)}-1`,
    });
  });

  it('takes the new secret at once, and both during the change', async () => {
    await apply(secret('hook', { secret: 'another', previous: 'It’s a Secret to Everybody' }));
    expect((await post('/webhooks/team1/app')).status).toBe(202);
    await apply(secret('hook', { secret: 'another' }));
    await eventually(async () => (await post('/webhooks/team1/app')).status === 401);
    await apply(secret('hook', { secret: 'It’s a Secret to Everybody' }));
    await eventually(async () => (await post('/webhooks/team1/app')).status === 202);
  });

  it('asks TokenReview and RBAC for every route, each tenant in its own namespace', async () => {
    const ours = await kube.tokenFor('team1', 'viewer');
    const theirs = await kube.tokenFor('team2', 'viewer');
    const paths = ['sources', 'sources/app', 'rollouts', `rollouts/app-${commit.slice(0, 12)}-1`];
    for (const place of paths) {
      const address = `/api/v1/namespaces/team1/${place}`;
      expect([place, await status(address, ours)]).toEqual([place, 200]);
      expect([place, await status(address, theirs)]).toEqual([place, 403]);
      expect([place, await status(address, `${ours}x`)]).toEqual([place, 401]);
      expect([place, await status(address)]).toEqual([place, 401]);
      expect(await status(address.replace('team1', 'team2'), ours)).toBe(403);
    }
  });

  it('takes no token that is unsigned, changed, signed by others, or meant for others', async () => {
    const token = await kube.tokenFor('team1', 'viewer');
    const [header = '', payload = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const admin = encode({ ...claims, sub: 'system:serviceaccount:enmasse-infra:samband-operator' });
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const foreign = sign('sha256', Buffer.from(`${header}.${payload}`), privateKey).toString('base64url');
    const accounts = '/api/v1/namespaces/team1/serviceaccounts/viewer/token';
    const elsewhere = await kube.request('POST', accounts, { spec: { audiences: ['elsewhere'] } });
    const forged = {
      unsigned: `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
      'with the signature of another': `${header}.${admin}.${signature}`,
      'signed with another key': `${header}.${payload}.${foreign}`,
      'for another audience': (elsewhere.body as { status: { token: string } }).status.token,
    };
    const sources = '/api/v1/namespaces/team1/sources';
    expect(await status(sources, token)).toBe(200);
    for (const [what, text] of Object.entries(forged)) {
      expect([what, text.length > 100, await status(sources, text)]).toEqual([what, true, 401]);
    }
  });

  it('honours rights to single objects by name', async () => {
    await kube.tokenFor('team1', 'narrow');
    await grant('team1', 'narrow', ['get'], ['app']);
    const token = await kube.tokenFor('team1', 'narrow');
    await eventually(async () => (await status('/api/v1/namespaces/team1/sources/app', token)) === 200);
    expect(await status('/api/v1/namespaces/team1/sources/other', token)).toBe(403);
    expect(await status('/api/v1/namespaces/team1/sources', token)).toBe(403);
  });

  it('syncs a source for those who may update it', async () => {
    const token = await kube.tokenFor('team1', 'viewer');
    const response = await fetch(`${url}/api/v1/namespaces/team1/sources/app/sync`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ source: 'app', requestedAt: await stamp() });
  });

  it('forgets a source when it is deleted', async () => {
    await apply(source('short-lived'));
    await eventually(async () => (await post('/webhooks/team1/short-lived')).status === 202);
    await kube.kubectl(['delete', 'gitsources.samband.dev', '-n', 'team1', 'short-lived']);
    await eventually(async () => (await post('/webhooks/team1/short-lived')).status === 401);
  });

  it('says 503 while the API server is away, is not ready, and goes on when it is back', async () => {
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    await apply(source('late'));
    const token = await kube.tokenFor('team1', 'viewer');
    await eventually(async () => (await status('/api/v1/namespaces/team1/sources/late', token)) === 200);
    await kube.killApiServer();
    await eventually(async () => (await fetch(`${url}/readyz`)).status === 503);
    // Temporal is away too, and no journal says that this one is owed a signal.
    const response = await post('/webhooks/team1/late');
    expect(response.status).toBe(503);
    expect(await response.text()).not.toMatch(/127\.0\.0\.1|ECONN/);
    await kube.startApiServer();
    await eventually(async () => (await fetch(`${url}/readyz`)).status === 200);
    await eventually(async () => (await post('/webhooks/team1/late')).status === 202);
  });
});

function post(address: string): Promise<Response> {
  return fetch(`${url}${address}`, { method: 'POST', body: pushOf(), headers: githubHeaders(pushOf()) });
}

async function status(address: string, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return (await fetch(`${url}${address}`, { headers })).status;
}

async function apply(...objects: object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await kube.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], list);
}

async function stamp(): Promise<string> {
  const jsonPath = '-o=jsonpath={.metadata.annotations.samband\\.dev/requested-at}';
  return kube.kubectl(['get', 'gitsources.samband.dev', '-n', 'team1', 'app', jsonPath]);
}

async function grant(
  namespace: string,
  account: string,
  verbs: string[],
  resourceNames?: string[],
): Promise<void> {
  const metadata = { namespace, name: account };
  const rule = { apiGroups: ['samband.dev'], resources: ['gitsources', 'rollouts'], verbs, resourceNames };
  await apply(
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: [rule] },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account },
      subjects: [{ kind: 'ServiceAccount', namespace, name: account }],
    },
  );
}

function kubeconfigOf({ url: server, ca }: TestKube, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'test', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    users: [{ name: 'api', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'api' } }],
    'current-context': 'test',
  });
}
