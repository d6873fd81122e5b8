import { describe, expect, it } from '@jest/globals';
import { isOfKind, kindNames, kindRef, kinds, ourKind, type KindName } from '../registry.js';
import { reasons } from '../conditions.js';
import type { KubeObject } from '../object.js';
import { parseObject } from '../parse.js';
import { addressPlanSpec, type AddressPlan } from './address-plan.js';
import { addressSpacePlanSpec, type AddressSpacePlan } from './address-space-plan.js';
import { gitSourceSettings } from './git-source.js';
import { passwordSource, type MessagingUser } from './messaging-user.js';

describe('kinds', () => {
  it('are known by group and kind, whatever the version', () => {
    expect(ourKind({ apiVersion: 'admin.enmasse.io/v1beta1', kind: 'AddressPlan' })).toEqual({
      kind: 'AddressPlan',
      isServed: true,
    });
    expect(ourKind({ apiVersion: 'admin.enmasse.io/v1alpha9', kind: 'AddressPlan' })).toEqual({
      kind: 'AddressPlan',
      isServed: false,
    });
    expect(ourKind({ apiVersion: 'example.org/v1', kind: 'Address' })).toBeUndefined();
    expect(ourKind({ apiVersion: 'v1', kind: 'Address' })).toBeUndefined();
    expect(ourKind({ apiVersion: 'enmasse.io/v1beta1', kind: 'constructor' })).toBeUndefined();
  });

  it('are stored in their first version', () => {
    expect(kindRef('AddressSpacePlan')).toEqual({
      apiVersion: 'admin.enmasse.io/v1beta2',
      kind: 'AddressSpacePlan',
    });
    expect(
      isOfKind('AddressSpace', {
        apiVersion: 'enmasse.io/v1beta1',
        kind: 'AddressSpace',
        metadata: { name: 'a' },
      }),
    ).toBe(true);
  });

  it('have names that fit together', () => {
    for (const kind of kindNames) {
      expect(kinds[kind].kind).toBe(kind);
      expect(kinds[kind].singular).toBe(kind.toLowerCase());
    }
  });

  it('give reasons that the API server admits', () => {
    for (const reason of Object.keys(reasons))
      expect(reason).toMatch(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/);
  });
});

describe('plans before v1beta2', () => {
  it('say the same as newer ones', () => {
    const old: AddressSpacePlan = {
      apiVersion: 'admin.enmasse.io/v1beta1',
      kind: 'AddressSpacePlan',
      metadata: { name: 'p', annotations: { 'enmasse.io/defined-by': 'default' } },
      addressSpaceType: 'brokered',
      addressPlans: ['q'],
      resources: [{ name: 'broker', max: 1.5 }],
      displayName: 'P',
    };
    expect(addressSpacePlanSpec(old)).toEqual({
      addressSpaceType: 'brokered',
      infraConfigRef: 'default',
      addressPlans: ['q'],
      resourceLimits: { broker: 1.5 },
      displayName: 'P',
    });
    const plan: AddressPlan = {
      apiVersion: 'admin.enmasse.io/v1beta1',
      kind: 'AddressPlan',
      metadata: { name: 'q' },
      addressType: 'topic',
      requiredResources: [{ name: 'router', credit: 0.1 }],
    };
    expect(addressPlanSpec(plan)).toEqual({ addressType: 'topic', resources: { router: 0.1 } });
  });
});

describe('gitSourceSettings', () => {
  it('fills in the defaults', () => {
    const settings = gitSourceSettings({
      url: 'https://git.example/x',
      ref: { branch: 'main' },
      serviceAccountName: 'sa',
    });
    expect(settings).toMatchObject({
      path: '.',
      provider: 'generic',
      intervalMs: 300_000,
      prune: true,
      suspend: false,
    });
  });
});

describe('passwordSource', () => {
  const user = (authentication: MessagingUser['spec']['authentication']): MessagingUser => ({
    apiVersion: 'user.enmasse.io/v1beta1',
    kind: 'MessagingUser',
    metadata: { name: 'app.u' },
    spec: { username: 'u', authentication },
  });

  it.each([
    [
      { type: 'password' as const, password: 'cGFzcw==' },
      { from: 'inline', base64: 'cGFzcw==' },
    ],
    [
      { type: 'password' as const, passwordSecretRef: { name: 's' } },
      { from: 'secret', name: 's', key: 'password' },
    ],
    [
      { type: 'password' as const, generateSecret: { name: 'g' } },
      { from: 'generated', name: 'g' },
    ],
    [{ type: 'password' as const }, { from: 'generated', name: 'app.u-credentials' }],
    [{ type: 'serviceaccount' as const }, undefined],
  ])('of %j', (authentication, source) => {
    expect(passwordSource(user(authentication))).toEqual(source);
  });
});

describe('a name that becomes a part of a path', () => {
  const metadata = { name: 'app', namespace: 'team' };
  const space = (spec: object): KubeObject => ({
    apiVersion: 'enmasse.io/v1beta1',
    kind: 'AddressSpace',
    metadata,
    spec: { type: 'brokered', plan: 'small', ...spec },
  });
  const user = (authentication: object): KubeObject => ({
    apiVersion: 'user.enmasse.io/v1beta1',
    kind: 'MessagingUser',
    metadata: { name: 'app.ann', namespace: 'team' },
    spec: { username: 'ann', authentication: { type: 'password', ...authentication } },
  });
  const source = (spec: object): KubeObject => ({
    apiVersion: 'samband.dev/v1alpha1',
    kind: 'GitSource',
    metadata,
    spec: { url: 'https://git.example/x', ref: { branch: 'main' }, serviceAccountName: 'sa', ...spec },
  });
  const places: Record<string, (name: string) => KubeObject> = {
    plan: (name) => space({ plan: name }),
    'authentication service': (name) => space({ authenticationService: { name } }),
    export: (name) => space({ endpoints: [{ exports: [{ kind: 'ConfigMap', name }] }] }),
    certificate: (name) => space({ endpoints: [{ cert: { secretName: name } }] }),
    'password Secret': (name) => user({ passwordSecretRef: { name } }),
    'generated Secret': (name) => user({ generateSecret: { name } }),
    'service account': (name) => source({ serviceAccountName: name }),
    credentials: (name) => source({ credentialsRef: { name } }),
  };

  it.each(Object.keys(places))('is a DNS name or refused: %s', (place) => {
    const issues = (name: string): readonly unknown[] => {
      const object = places[place]?.(name) ?? space({});
      const parsed = parseObject(object.kind as KindName, object);
      return parsed.ok ? [] : parsed.issues;
    };
    expect(issues('one-2.three')).toEqual([]);
    for (const name of [
      '../x',
      '..',
      '.',
      'a/b',
      'a\nb',
      'a b',
      '%2e',
      'system:masters',
      'A',
      '-a',
      'a-',
      '',
    ])
      expect(issues(name)).not.toEqual([]);
  });
});
