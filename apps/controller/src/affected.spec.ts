import { describe, expect, it } from '@jest/globals';
import type { KubeObject, ResourceChange } from '@samband/resources';
import { affected } from './affected.js';
import { added, anObject, aSpace, aSpacePlan, changed, removed, viewOf } from './objects.fixture.js';
import { targetKey } from './targets.js';
import { wanted } from './wanted.js';
import { watchedKinds } from './watched.js';

const admin = { namespace: 'enmasse-infra' };
const address = anObject('Address', 'app.orders');
const user = anObject('MessagingUser', 'app.bob', {
  spec: { username: 'bob', authentication: { type: 'password', passwordSecretRef: { name: 'bob' } } },
});
const source = anObject('GitSource', 'shop');
const rollout = anObject('Rollout', 'shop-0123456789ab-1', {
  metadata: { namespace: 'team', name: 'shop-0123456789ab-1', labels: { 'samband.dev/source': 'shop' } },
  spec: { source: 'shop' },
});
const begun = trimmed({
  ...rollout,
  status: { phase: 'Failed', steps: [{ name: 'checkout' }, { name: 'plan' }], message: 'stuck' },
});
const secret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'team', name: 'bob', resourceVersion: '1' },
};
const exported = (kind: string): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: {
    namespace: 'team',
    name: 'messaging',
    resourceVersion: '1',
    ownerReferences: [{ apiVersion: 'enmasse.io/v1beta1', kind: 'AddressSpace', name: 'app', uid: 'app' }],
  },
});
const world = viewOf([
  aSpace('app', 'small'),
  aSpace('web', 'large', { authenticationService: { name: 'own' } }),
  { ...aSpace('far', 'small'), metadata: { namespace: 'other', name: 'far' } },
  aSpacePlan('small', 'default', ['queue', 'topic']),
  aSpacePlan('large', 'big', ['queue']),
  user,
  aSpace('shown', 'none', {
    authenticationService: { name: 'other' },
    endpoints: [{ cert: { provider: 'certBundle', secretName: 'shown-tls' } }],
  }),
]);

/** As the controller's own view holds it. */
function trimmed(object: KubeObject): KubeObject {
  const trim = watchedKinds.find(({ kind }) => kind === object.kind)?.trim;
  return trim === undefined ? object : trim(object);
}

/** A rollout that begins to say what it waits for. */
function waits(message: string): ResourceChange {
  const status = (said: object): object => ({
    status: { phase: 'Verifying', steps: [{ name: 'apply' }, { name: 'wait', phase: 'Running', ...said }] },
  });
  const { before, after, ref } = changed(rollout, {}, status({ message }));
  return {
    ref,
    before: trimmed({ ...before, ...status({}) } as KubeObject),
    after: trimmed(after!),
  };
}

function keys(change: ResourceChange): string[] {
  return affected(change, world).map(targetKey);
}

describe('what a change concerns', () => {
  const app = aSpace('app', 'small');
  it.each<[string, ResourceChange, string[]]>([
    ['a new space', added(app), ['space/team/app']],
    ['a changed space', changed(app, { generation: 2 }), ['space/team/app']],
    ['a space being deleted', changed(app, { deletionTimestamp: 'now' }), ['space/team/app']],
    ['a space that is gone', removed(app), ['space/team/app']],
    [
      'what is kept of a space, with its namespace',
      removed(anObject('ParkedSpace', 'app')),
      ['space/team/app'],
    ],
    [
      'how long that is kept',
      changed(anObject('ParkedSpace', 'app'), { annotations: { 'samband.dev/park-for': '0s' } }),
      ['space/team/app'],
    ],
    ['parking time', changed(app, { annotations: { 'samband.dev/park-for': '1h' } }), ['space/team/app']],
    [
      'a plan',
      changed(aSpacePlan('small', 'default', []), { generation: 2 }),
      ['space/team/app', 'space/other/far'],
    ],
    [
      'an address plan of two plans',
      added(anObject('AddressPlan', 'queue', { metadata: { ...admin, name: 'queue' } })),
      ['space/team/app', 'space/other/far', 'space/team/web'],
    ],
    [
      'an address plan of one plan',
      removed(anObject('AddressPlan', 'topic')),
      ['space/team/app', 'space/other/far'],
    ],
    [
      'an infra config',
      changed(anObject('BrokeredInfraConfig', 'big'), { generation: 2 }),
      ['space/team/web'],
    ],
    [
      'an infra config of another type',
      changed(anObject('StandardInfraConfig', 'big'), { generation: 2 }),
      [],
    ],
    [
      'an authentication service',
      added(anObject('AuthenticationService', 'own')),
      ['space/team/web', 'space/team/app', 'space/other/far'],
    ],
    ['a source', changed(source, { generation: 2 }), ['source/team/shop']],
    [
      'a wish to look now',
      changed(source, { annotations: { 'samband.dev/requested-at': 'x' } }),
      ['source/team/shop'],
    ],
    [
      'a retry',
      changed(begun, { annotations: { 'samband.dev/retry': '1' } }),
      ['rollout/team/shop-0123456789ab-1', 'source/team/shop'],
    ],
    [
      'a confirmation',
      changed(begun, { annotations: { 'samband.dev/confirm': 'd' } }),
      ['rollout/team/shop-0123456789ab-1', 'source/team/shop'],
    ],
    [
      'a retry of a rollout that waits for its turn',
      changed(rollout, { annotations: { 'samband.dev/retry': '1' } }),
      ['source/team/shop'],
    ],
    ['a rollout that is gone', removed(begun), ['rollout/team/shop-0123456789ab-1', 'source/team/shop']],
    [
      'a rollout that is gone before it was seen to begin',
      removed(rollout),
      ['rollout/team/shop-0123456789ab-1', 'source/team/shop'],
    ],
    ['what a rollout waits for, which its source repeats', waits('one'), ['source/team/shop']],
    ['a Secret with a password', changed(secret, {}), ['space/team/app']],
    [
      'a Secret with the certificate of an endpoint',
      changed({ ...secret, metadata: { ...secret.metadata, name: 'shown-tls' } }, {}),
      ['space/team/shown'],
    ],
    ['another Secret', removed({ ...secret, metadata: { ...secret.metadata, name: 'other' } }), []],
  ])('%s', (_what, change, expected) => {
    expect(keys(change)).toEqual(expected);
  });

  it('starts no workflow for a rollout that is gone: another one of its name has its turn later', () => {
    expect(affected(removed(begun), world)).toContainEqual(
      expect.objectContaining({ kind: 'rollout', isGone: true }),
    );
  });

  it('a space that moves to another plan concerns the space once', () => {
    expect(keys(changed(app, { generation: 2 }, { spec: { plan: 'large' } }))).toEqual(['space/team/app']);
  });
});

describe('what concerns nobody', () => {
  it.each<[string, ResourceChange]>([
    ['a status', changed(aSpace('app', 'small'), {}, { status: { phase: 'Active' } })],
    ['an address, whose space the worker tells', changed(address, { generation: 2 })],
    ['a user, whose space the worker tells', removed(user)],
    ['labels and finalizers', changed(source, { labels: { a: 'b' }, finalizers: ['x'] })],
    ['notes of others', changed(source, { annotations: { 'kubectl.kubernetes.io/x': 'y' } })],
    ['a new rollout, which its source starts', added(rollout)],
    ['what a rollout writes into itself', changed(rollout, {}, { status: { phase: 'Applying' } })],
  ])('%s', (_what, change) => {
    expect(keys(change)).toEqual([]);
  });
});

describe('at start', () => {
  it('signals spaces that are parked, also where nothing but the infrastructure tells of them', () => {
    const held = (name: string, labels: Record<string, string>): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        namespace: 'enmasse-infra',
        name: `broker-${name}`,
        labels,
        annotations: { addressSpace: name, addressSpaceNamespace: 'team' },
      },
    });
    const secrets = viewOf([held('gone', { 'samband.dev/parked': 'true' }), held('app', {})]);
    const view = viewOf([anObject('ParkedSpace', 'gone'), anObject('ParkedSpace', 'listed')]);
    expect(wanted(view, secrets).map(targetKey)).toEqual(['space/team/gone', 'space/team/listed']);
    expect(wanted(view, undefined).map(targetKey)).toEqual(['space/team/gone', 'space/team/listed']);
    expect(wanted(viewOf([]), secrets).map(targetKey)).toEqual(['space/team/gone']);
  });

  const inPhase = (name: string, phase: string | undefined): KubeObject =>
    anObject('Rollout', name, { status: phase === undefined ? {} : { phase } });

  it('signals spaces, sources, and rollouts that have begun and not ended', () => {
    const view = viewOf([
      aSpace('app', 'small'),
      source,
      inPhase('new', undefined),
      inPhase('waiting', 'Pending'),
      inPhase('asking', 'AwaitingConfirmation'),
      inPhase('applying', 'Applying'),
      inPhase('stuck', 'Failed'),
      ...['Succeeded', 'Refused', 'RolledBack', 'Superseded', 'Cancelled'].map((phase) =>
        inPhase(phase, phase),
      ),
    ]);
    expect(wanted(view, undefined).map(targetKey)).toEqual([
      'source/team/shop',
      'rollout/team/asking',
      'rollout/team/applying',
      'rollout/team/stuck',
      'space/team/app',
    ]);
  });
});

describe('an export', () => {
  const targets = (change: ResourceChange): string[] => affected(change, world).map(targetKey);

  it.each(['ConfigMap', 'Secret', 'Service'])('of kind %s tells its space of hands at work', (kind) => {
    const one = exported(kind);
    expect(targets(changed(one, {}))).toEqual(['space/team/app']);
    expect(targets(removed(one))).toEqual(['space/team/app']);
    // That is what the space itself has just done.
    expect(targets(added(one))).toEqual([]);
  });

  it('of nobody concerns nobody', () => {
    expect(
      targets(removed({ ...exported('ConfigMap'), metadata: { namespace: 'team', name: 'own' } })),
    ).toEqual([]);
  });
});
