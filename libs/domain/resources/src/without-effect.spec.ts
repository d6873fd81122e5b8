import { describe, expect, it } from '@jest/globals';
import { conditionTypes, findCondition } from './conditions.js';
import type { KubeObject } from './object.js';
import { idleFields, setFieldsIgnored } from './without-effect.js';

const object = (kind: string, spec: object, group = 'enmasse.io/v1beta1'): KubeObject => ({
  apiVersion: group,
  kind,
  metadata: { name: 'app', generation: 3 },
  spec,
});
const paths = (of: KubeObject): string[] => idleFields(of).map(({ path }) => path.join('.'));

describe('a field without effect', () => {
  it('is told of wherever it stands, and only where it is set', () => {
    const space = object('AddressSpace', {
      type: 'brokered',
      plan: 'small',
      endpoints: [
        { name: 'a', service: 'messaging', cert: { provider: 'selfsigned' } },
        { name: 'b', service: 'console', expose: { type: 'route' }, cert: { secretName: 'mine' } },
      ],
      networkPolicy: { ingress: [{}] },
      connectors: [{ name: 'other' }],
      authenticationService: { name: 'x', overrides: { host: 'y' } },
    });
    expect(paths(space)).toEqual([
      'spec.endpoints.1.service',
      'spec.endpoints.1.cert.secretName',
      'spec.endpoints.1.expose',
      'spec.networkPolicy',
      'spec.connectors',
      'spec.authenticationService.overrides',
    ]);
  });

  it.each([
    ['an empty mapping', object('AddressSpace', { networkPolicy: {}, connectors: [] })],
    ['null', object('AddressSpace', { networkPolicy: null, endpoints: null })],
    [
      'another type than the schema has',
      object('AddressSpace', { endpoints: 'x', authenticationService: 7 }),
    ],
    ['no spec', { apiVersion: 'enmasse.io/v1beta1', kind: 'Address', metadata: { name: 'app.a' } }],
    ['another kind', object('ConfigMap', { networkPolicy: { ingress: [1] } }, 'v1')],
    [
      'a plan for brokered spaces',
      object('AddressSpacePlan', { addressSpaceType: 'brokered' }, 'admin.enmasse.io/v1beta2'),
    ],
  ])('is not seen in %s', (_what, of) => {
    expect(paths(of)).toEqual([]);
  });

  it('is told of in whatever version of the kind it stands', () => {
    expect(paths(object('Address', { forwarders: [{ name: 'a' }] }, 'enmasse.io/v1alpha1'))).toEqual([
      'spec.forwarders',
    ]);
  });
});

describe('the condition FieldsIgnored', () => {
  const at = '2026-01-01T00:00:00Z';
  const address = object('Address', { forwarders: [{ name: 'a' }] });

  it('names each field, with the generation that was looked at', () => {
    const found = findCondition(setFieldsIgnored(undefined, address, at), conditionTypes.fieldsIgnored);
    expect(found).toMatchObject({ status: 'True', reason: 'NotServed', observedGeneration: 3 });
    expect(found?.message).toMatch(/^spec\.forwarders /);
  });

  it('goes when the field goes, and leaves the others', () => {
    const other = {
      type: 'Ready',
      status: 'True',
      reason: 'Ready',
      message: '',
      lastTransitionTime: at,
    } as const;
    const before = setFieldsIgnored([other], address, at);
    expect(setFieldsIgnored(before, object('Address', {}), at)).toEqual([other]);
  });
});
