import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createResourceStore,
  createResourceView,
  type KubernetesStore,
  type LiveResourceView,
} from '@samband/kubernetes';
import { silentLogger } from '@samband/observability';
import { kindRef, refOf, type AddressSpaceSchema, type KubeObject } from '@samband/resources';
import { eventually, startKube, type TestKube } from '@samband/testing';
import { startController, type Controller } from './controller.js';
import { targetKey, type Target } from './targets.js';
import { indexes, secretKind, watchedKinds } from './watched.js';

const infra = 'enmasse-infra';

/** Remembers signals; refuses them while Temporal is `away`, and forgets what runs when it is told to. */
class FakeSignals {
  away = false;
  readonly sent: string[] = [];
  readonly ran = new Set<string>();
  /** The list of what runs tells nothing: it is always a moment behind. */
  isListBehind = false;
  readonly asked = new Set<string>();

  send = (target: Target): Promise<void> => {
    if (this.away) return Promise.reject(new Error('Temporal is away'));
    this.sent.push(targetKey(target));
    this.ran.add(targetKey(target));
    return Promise.resolve();
  };

  running = (): Promise<(target: Target) => boolean> =>
    Promise.resolve((target) => !this.isListBehind && this.ran.has(targetKey(target)));

  isRunning = (target: Target): Promise<boolean> => {
    this.asked.add(targetKey(target));
    return Promise.resolve(this.ran.has(targetKey(target)));
  };

  count(key: string): number {
    return this.sent.filter((one) => one === key).length;
  }
}

function object(
  kind: Parameters<typeof kindRef>[0],
  namespace: string,
  name: string,
  spec: object,
): KubeObject {
  return { ...kindRef(kind), metadata: { namespace, name }, spec };
}

const space = (name: string): KubeObject =>
  object('AddressSpace', 'team', name, { type: 'brokered', plan: 'small' });

describe('the controller', () => {
  let kube: TestKube;
  let store: KubernetesStore;
  let view: LiveResourceView;
  let secrets: LiveResourceView;
  let controller: Controller;
  let signals: FakeSignals;
  const apply = (...objects: KubeObject[]): Promise<unknown> =>
    Promise.all(objects.map((one) => store.apply(one, { fieldManager: 'test', force: true })));

  const start = async (): Promise<void> => {
    const options = { kubeconfig: kube.kubeconfigPath };
    signals = new FakeSignals();
    view = await createResourceView(options, { kinds: watchedKinds, indexes });
    secrets = await createResourceView(options, { kinds: [secretKind] });
    controller = startController(
      { view, secrets, store, signals, logger: silentLogger },
      { gapMs: 100, sweepMs: 200 },
    );
    await view.ready;
    await secrets.ready;
    await eventually(() => controller.due === 0);
  };
  const stop = async (): Promise<void> => {
    await controller.stop();
    view.stop();
    secrets.stop();
  };

  beforeAll(async () => {
    kube = await startKube({ crds: true });
    store = createResourceStore({ kubeconfig: kube.kubeconfigPath });
    for (const name of ['team', infra]) {
      await store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
    await apply(
      space('before'),
      object('GitSource', 'team', 'shop', {
        url: 'https://git.example/shop.git',
        ref: { branch: 'main' },
        serviceAccountName: 'deployer',
      }),
    );
    await start();
  });
  afterAll(async () => {
    await stop();
    store.close();
    await kube.stop();
  });

  it('signals everyone when it starts', async () => {
    await eventually(() => signals.count('space/team/before') > 0 && signals.count('source/team/shop') > 0);
  });

  it('signals a space more rarely than it changes, and not for a status', async () => {
    await apply(space('app'));
    await eventually(() => signals.count('space/team/app') > 0 && controller.due === 0);
    const before = signals.count('space/team/app');
    const app = refOf(space('app'));
    for (let change = 1; change <= 60; change += 1) {
      await store.patch(app, { metadata: { annotations: { 'samband.dev/park-for': `${change}h` } } });
    }
    const last = (): string | undefined => view.get(app)?.metadata.annotations?.['samband.dev/park-for'];
    await eventually(() => last() === '60h' && controller.due === 0);
    expect(signals.count('space/team/app') - before).toBeLessThan(30);

    await apply(space('quiet'));
    await eventually(() => signals.count('space/team/quiet') > 0 && controller.due === 0);
    const sent = signals.sent.length;
    await store.patchStatus({ ref: refOf(space('quiet')), status: { phase: 'Active' } });
    await apply(space('after'));
    await eventually(() => signals.count('space/team/after') > 0);
    expect(signals.sent.slice(sent)).toEqual(['space/team/after']);
  });

  it('tells the source of a wish in an annotation, and the rollout of a retry', async () => {
    const rollout: KubeObject = object('Rollout', 'team', 'shop-0123456789ab-1', {
      source: 'shop',
      commit: '0123456789abcdef0123456789abcdef01234567',
      attempt: 1,
    });
    await apply({ ...rollout, metadata: { ...rollout.metadata, labels: { 'samband.dev/source': 'shop' } } });
    const steps = [{ name: 'restore', phase: 'Failed', attempt: 1, startedAt: '2026-01-01T00:00:00Z' }];
    await store.patchStatus({ ref: refOf(rollout), status: { phase: 'Failed', steps } });
    await eventually(() => {
      const held = view.get(refOf(rollout));
      return (held?.['status'] as { phase?: string } | undefined)?.phase === 'Failed';
    });
    const sources = signals.count('source/team/shop');
    const rollouts = signals.count('rollout/team/shop-0123456789ab-1');
    await store.patch(refOf(rollout), { metadata: { annotations: { 'samband.dev/retry': '1' } } });
    await eventually(() => signals.count('rollout/team/shop-0123456789ab-1') > rollouts);
    await eventually(() => signals.count('source/team/shop') > sources);
    const again = signals.count('source/team/shop');
    const wish = { metadata: { annotations: { 'samband.dev/requested-at': 'now' } } };
    await store.patch({ ...kindRef('GitSource'), namespace: 'team', name: 'shop' }, wish);
    await eventually(() => signals.count('source/team/shop') > again);
  });

  it('tells a space of a new password of its user, and holds no password itself', async () => {
    const login = { type: 'password', passwordSecretRef: { name: 'bob' } };
    const inline = { type: 'password', password: Buffer.from('hunter2').toString('base64') };
    await apply(
      object('MessagingUser', 'team', 'login.bob', { username: 'bob', authentication: login }),
      object('MessagingUser', 'team', 'login.eve', { username: 'eve', authentication: inline }),
    );
    await eventually(() => view.list(kindRef('MessagingUser'), 'team').length === 2 && controller.due === 0);
    expect(JSON.stringify(view.list(kindRef('MessagingUser')))).not.toContain(inline.password);
    const before = signals.count('space/team/login');
    await apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'team', name: 'bob' },
      stringData: { password: 'hunter2' },
    });
    await eventually(() => signals.count('space/team/login') > before);
  });

  it('judges plans and authentication services, tells spaces of their plan, and tenants what there is', async () => {
    const phaseOf = async (one: KubeObject): Promise<unknown> =>
      ((await store.get(refOf(one)))?.['status'] as { phase?: unknown } | undefined)?.phase;
    const plan = object('AddressSpacePlan', infra, 'small', {
      addressSpaceType: 'brokered',
      infraConfigRef: 'default',
      addressPlans: ['queue'],
      resourceLimits: { broker: 1 },
    });
    const before = signals.count('space/team/app');
    await apply(plan);
    await eventually(async () => (await phaseOf(plan)) === 'Failed');
    await eventually(() => signals.count('space/team/app') > before);
    const auth = object('AuthenticationService', infra, 'standard-authservice', { type: 'standard' });
    await apply(
      auth,
      object('BrokeredInfraConfig', infra, 'default', { broker: { resources: { memory: '512Mi' } } }),
      object('AddressPlan', infra, 'queue', { addressType: 'queue', resources: { broker: 0.01 } }),
    );
    await eventually(async () => (await phaseOf(plan)) === 'Active');
    await eventually(async () => (await phaseOf(auth)) === 'Active');
    const schema = { ...kindRef('AddressSpaceSchema'), name: 'brokered' };
    const offered = async (): Promise<unknown> => {
      const told = (await store.get(schema)) as AddressSpaceSchema | undefined;
      return told?.spec?.plans?.[0] && [told.spec.plans[0].name, ...(told.spec.authenticationServices ?? [])];
    };
    await eventually(async () => isDeepStrictEqual(await offered(), ['small', 'standard-authservice']));
    await store.delete(schema);
    await eventually(async () => isDeepStrictEqual(await offered(), ['small', 'standard-authservice']));
    const judged = await store.get(refOf(plan));
    await store.patch(refOf(plan), { metadata: { labels: { touched: 'yes' } } });
    await eventually(() => view.get(refOf(plan))?.metadata.labels?.['touched'] === 'yes');
    expect((await store.get(refOf(plan)))?.['status']).toEqual(judged?.['status']);
  });

  it('sends what was due when Temporal comes back', async () => {
    signals.away = true;
    await apply(space('patient'));
    await eventually(() => controller.due > 0);
    signals.away = false;
    await eventually(() => signals.count('space/team/patient') > 0 && controller.due === 0);
  });

  it('starts what should run again after Temporal lost its memory', async () => {
    const before = signals.count('space/team/before');
    signals.ran.clear();
    await eventually(
      () => signals.count('space/team/before') > before && signals.ran.has('source/team/shop'),
    );
  });

  it('leaves alone what has begun since the list of what runs was made', async () => {
    await eventually(() => controller.due === 0);
    const before = signals.sent.length;
    signals.asked.clear();
    signals.isListBehind = true;
    await eventually(() => signals.asked.has('space/team/before') && signals.asked.has('source/team/shop'));
    signals.isListBehind = false;
    expect(signals.sent.slice(before)).toEqual([]);
  });

  it('signals again what changed while it was down', async () => {
    await stop();
    await apply(space('meanwhile'));
    await start();
    await eventually(() => signals.count('space/team/meanwhile') > 0 && signals.count('space/team/app') > 0);
  });
});
