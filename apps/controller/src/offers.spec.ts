import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@samband/resources';
import { anObject, aSpacePlan, viewOf } from './objects.fixture.js';
import { dueOffers } from './offers.js';

const inInfra = { namespace: 'enmasse-infra' };
const service = (name: string, type: string, metadata: object = {}): KubeObject =>
  anObject('AuthenticationService', name, { metadata: { ...inInfra, name, ...metadata }, spec: { type } });
const objects = [
  aSpacePlan('small', 'default', ['queue']),
  anObject('AddressPlan', 'queue', {
    metadata: { ...inInfra, name: 'queue' },
    spec: { addressType: 'queue', resources: { broker: 0.01 } },
  }),
  anObject('BrokeredInfraConfig', 'default', { metadata: { ...inInfra, name: 'default' }, spec: {} }),
  service('auth', 'standard'),
  service('sasl', 'external'),
  service('going', 'standard', { deletionTimestamp: 'now' }),
];

describe('what is offered', () => {
  it('is told by one AddressSpaceSchema for each type of space that is run here', () => {
    const [offer, ...others] = dueOffers(viewOf(objects));
    expect(others).toEqual([]);
    expect(offer).toMatchObject({
      kind: 'AddressSpaceSchema',
      metadata: { name: 'brokered' },
      spec: { authenticationServices: ['auth'], plans: [{ name: 'small' }] },
    });
  });

  it('is written again only when it has changed, or was changed by others', () => {
    const [offer] = dueOffers(viewOf(objects));
    const told = anObject('AddressSpaceSchema', 'brokered', { spec: offer?.['spec'] });
    expect(dueOffers(viewOf([...objects, told]))).toEqual([]);
    expect(dueOffers(viewOf([...objects.slice(1), told]))).toHaveLength(1);
    const edited = { ...told, spec: { ...(told['spec'] as object), plans: [] } };
    expect(dueOffers(viewOf([...objects, edited]))).toEqual([offer]);
  });
});
