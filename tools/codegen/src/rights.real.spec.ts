import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gitSourceSchema } from '@samband/resources';
import { aGitSource, anAddressSpace, eventually, startKube, type TestKube } from '@samband/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../..', import.meta.url));

let kube: TestKube;
beforeAll(async () => {
  kube = await startKube({ crds: true, bundle: true });
});
afterAll(async () => {
  await kube.stop();
});

const inDefault = { metadata: { namespace: 'default', name: 'app' } };
const [source, space] = [aGitSource(inDefault), anAddressSpace(inDefault)];

const account = (name: string): string => `system:serviceaccount:enmasse-infra:${name}`;

async function may(user: string, verb: string, what: string, namespace: string): Promise<boolean> {
  const [resource = '', subresource] = what.split('/');
  const [name = '', ...group] = resource.split('.');
  const { body } = await kube.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user,
      groups: ['system:authenticated'],
      resourceAttributes: { verb, group: group.join('.'), resource: name, subresource, namespace },
    },
  });
  return (body as { status: { allowed: boolean } }).status.allowed;
}

describe('rights of the parts', () => {
  it.each<[string, string, string, boolean]>([
    ['samband-worker', 'patch', 'addressspaces.enmasse.io/status', true],
    ['samband-worker', 'create', 'rollouts.samband.dev', true],
    ['samband-worker', 'create', 'addresses.enmasse.io', false],
    ['samband-worker', 'patch', 'addresses.enmasse.io', false],
    ['samband-worker', 'delete', 'addressspaces.enmasse.io', false],
    ['samband-worker', 'patch', 'messagingusers.user.enmasse.io', false],
    ['samband-worker', 'patch', 'rollouts.samband.dev', false],
    ['samband-worker', 'get', 'configmaps', false],
    ['samband-worker', 'watch', 'secrets', false],
    ['samband-worker', 'get', 'events', true],
    ['samband-worker', 'create', 'tokenreviews.authentication.k8s.io', false],
    ['samband-worker', 'patch', 'addressplans.admin.enmasse.io', false],
    ['samband-worker', 'create', 'secrets', true],
    ['samband-worker', 'create', 'configmaps', false],
    ['samband-worker', 'impersonate', 'serviceaccounts', true],
    ['samband-worker', 'impersonate', 'users', false],
    ['samband-worker', 'impersonate', 'groups', false],
    ['samband-worker', 'create', 'serviceaccounts/token', false],
    ['samband-worker', 'create', 'roles.rbac.authorization.k8s.io', false],
    ['samband-controller', 'watch', 'addresses.enmasse.io', false],
    ['samband-controller', 'watch', 'addressspaces.enmasse.io', true],
    ['samband-controller', 'patch', 'addressplans.admin.enmasse.io/status', true],
    ['samband-controller', 'patch', 'addresses.enmasse.io/status', false],
    ['samband-controller', 'get', 'secrets', false],
    ['samband-controller', 'watch', 'configmaps', true],
    ['samband-controller', 'get', 'configmaps', false],
    ['samband-controller', 'patch', 'configmaps', false],
    ['samband-controller', 'patch', 'addressspaceschemas.enmasse.io', false],
    ['samband-controller', 'create', 'addressspaceschemas.enmasse.io', true],
    ['samband-controller', 'patch', 'gitsources.samband.dev', false],
    ['samband-api', 'get', 'secrets', true],
    ['samband-api', 'list', 'secrets', false],
    ['samband-api', 'patch', 'gitsources.samband.dev', true],
    ['samband-api', 'patch', 'gitsources.samband.dev/status', true],
    ['samband-api', 'patch', 'rollouts.samband.dev', false],
    ['samband-api', 'patch', 'rollouts.samband.dev/status', false],
    ['samband-api', 'get', 'addresses.enmasse.io', false],
    ['samband-api', 'get', 'configmaps', false],
    ['samband-broker', 'create', 'tokenreviews.authentication.k8s.io', true],
    ['samband-broker', 'get', 'secrets', false],
    ['address-space-controller', 'create', 'configmaps', false],
    ['address-space-controller', 'get', 'addressspaces.enmasse.io', false],
    ['nobody', 'get', 'addressspaceschemas.enmasse.io', true],
    ['nobody', 'get', 'addressspaces.enmasse.io', false],
  ])('%s, %s %s: %s', async (name, verb, what, allowed) => {
    expect(await may(account(name), verb, what, 'team1')).toBe(allowed);
  });

  it('let the worker act as a service account with just the rights of that account', async () => {
    const token = await kube.tokenFor('enmasse-infra', 'samband-worker');
    await kube.tokenFor('team1', 'deployer');
    const asDeployer = (args: readonly string[]): Promise<string> =>
      kube.kubectl([
        '--kubeconfig=/dev/null',
        `--server=${kube.url}`,
        `--certificate-authority=${path.join(path.dirname(kube.kubeconfigPath), 'ca.crt')}`,
        `--token=${token}`,
        ...args,
      ]);
    const who = ['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username} {.status.userInfo.groups}'];
    const answer = await asDeployer(['--as=system:serviceaccount:team1:deployer', ...who]);
    expect(answer).toContain('system:serviceaccount:team1:deployer');
    expect(answer).toContain('system:serviceaccounts:team1');
    await expect(
      asDeployer(['--as=system:serviceaccount:team1:deployer', 'create', 'configmap', 'x', '-n', 'team1']),
    ).rejects.toThrow('forbidden');
    await expect(asDeployer(['--as=admin', 'get', 'configmaps', '-n', 'team1'])).rejects.toThrow(
      'cannot impersonate',
    );
  });

  it('let the worker make tokens for brokers only', async () => {
    const review = async (resourceName: string): Promise<boolean> => {
      const { body } = await kube.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        spec: {
          user: account('samband-worker'),
          resourceAttributes: {
            verb: 'create',
            resource: 'serviceaccounts',
            subresource: 'token',
            name: resourceName,
            namespace: 'enmasse-infra',
          },
        },
      });
      return (body as { status: { allowed: boolean } }).status.allowed;
    };
    expect([await review('samband-broker'), await review('samband-worker')]).toEqual([true, false]);
  });

  it('are part of the roles that the cluster has already', async () => {
    const { body } = await kube.request(
      'GET',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles?labelSelector=rbac.authorization.k8s.io/aggregate-to-view=true',
    );
    const names = (body as { items: { metadata: { name: string } }[] }).items.map(
      (item) => item.metadata.name,
    );
    expect(names).toEqual(expect.arrayContaining(['enmasse.io:tenant-view', 'samband.dev:source-view']));
  });

  it('let api and worker touch sources and spaces, and leave their specs as they are', async () => {
    await kube.kubectl(
      ['apply', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [source, space] }),
    );
    const patch = (user: string, what: string, change: object): Promise<string> =>
      kube.kubectl([
        ...[
          'patch',
          what,
          'app',
          '-n',
          'default',
          '--dry-run=server',
          '--type=merge',
          '-p',
          JSON.stringify(change),
        ],
        ...[`--as=${account(user)}`, '-o', 'name'],
      ]);
    const spec = { spec: { interval: '1h' } };
    // A policy that was just made takes a moment to come into force.
    await eventually(() =>
      patch('samband-api', 'gitsource', spec).then(
        () => false,
        (error: unknown) => String(error).includes('Samband does not change a spec'),
      ),
    );
    await expect(patch('samband-worker', 'gitsource', spec)).rejects.toThrow('does not change a spec');
    await expect(patch('samband-worker', 'addressspace', { spec: { plan: 'other' } })).rejects.toThrow(
      'does not change a spec',
    );
    await expect(patch('samband-api', 'gitsource', { metadata: { finalizers: ['a/b'] } })).rejects.toThrow(
      'annotations only',
    );
    await expect(patch('samband-api', 'gitsource', { metadata: { labels: { a: 'b' } } })).rejects.toThrow(
      'annotations only',
    );
    const stamp = { metadata: { annotations: { 'samband.dev/requested-at': 'now' } } };
    expect(await patch('samband-api', 'gitsource', stamp)).toContain('gitsource');
    const finalizer = { metadata: { finalizers: ['samband.dev/address-space'] } };
    expect(await patch('samband-worker', 'addressspace', finalizer)).toContain('addressspace');
  });

  it('let the api write down refused webhooks, and nothing else of what a source says', async () => {
    await kube.kubectl(['apply', '-f', '-'], JSON.stringify(source));
    const at = '/apis/samband.dev/v1alpha1/namespaces/default/gitsources/app/status?dryRun=All';
    const patch = async (status: object): Promise<string> => {
      const answer = await kube.request(
        'PATCH',
        at,
        { status },
        'application/merge-patch+json',
        account('samband-api'),
      );
      return (answer.body as { message?: string }).message ?? 'done';
    };
    const time = '2026-01-01T00:00:00Z';
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'Succeeded',
      message: '',
      lastTransitionTime: time,
    };
    const refusal = expect.stringContaining('refusedWebhooks only');
    await eventually(async () => (await patch({ conditions: [ready] })).includes('refusedWebhooks only'));
    const commit = 'a'.repeat(40);
    expect(await patch({ head: { commit, fetchedAt: time } })).toEqual(refusal);
    expect(await patch({ refusedWebhooks: { count: 1, lastReason: 'x', lastAt: time } })).toBe('done');
    expect(await patch({ applied: { commit, rollout: 'x', at: time } })).toEqual(refusal);
  });

  it('hold the api to every field of that status', async () => {
    const policy = await readFile(path.join(root, 'infra/bundle/080-admission.yaml'), 'utf8');
    const fields = Object.keys(gitSourceSchema.shape.status.unwrap().shape);
    const free = fields.filter(
      (field) => !policy.includes(`object.?status.?${field} == oldObject.?status.?${field}`),
    );
    expect(free).toEqual(['refusedWebhooks']);
  });
});
