import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@samband/resources';
import { planCatalog } from './catalog.js';
import { offerOf } from './offer.js';

function admin(kind: string, name: string, spec: object): KubeObject {
  const version = kind.endsWith('InfraConfig') ? 'v1beta1' : 'v1beta2';
  const metadata = { name, namespace: 'enmasse-infra' };
  return { apiVersion: `admin.enmasse.io/${version}`, kind, metadata, spec };
}

const spacePlan = (name: string, addressPlans: string[], spec: object = {}): KubeObject =>
  admin('AddressSpacePlan', name, {
    addressSpaceType: 'brokered',
    infraConfigRef: 'default',
    addressPlans,
    resourceLimits: { broker: 1 },
    ...spec,
  });
const addressPlan = (name: string, addressType: string, spec: object = {}): KubeObject =>
  admin('AddressPlan', name, { addressType, resources: { broker: 0.01 }, ...spec });
const config = admin('BrokeredInfraConfig', 'default', {});

describe('what tenants can choose from', () => {
  it('is each usable plan with its limits, in the order that operators gave them', () => {
    const catalog = planCatalog([
      config,
      spacePlan('small', ['queue', 'topic'], { displayOrder: 2, shortDescription: 'For trying out.' }),
      spacePlan('large', ['big-queue', 'queue'], { displayOrder: 1, displayName: 'Large' }),
      addressPlan('queue', 'queue'),
      addressPlan('big-queue', 'queue', { resources: { broker: 0.5 }, displayOrder: -1 }),
      addressPlan('topic', 'topic'),
    ]);
    expect(offerOf('brokered', catalog, ['standard', 'none'])).toEqual({
      authenticationServices: ['none', 'standard'],
      plans: [
        { name: 'large', displayName: 'Large', resourceLimits: { broker: 1 } },
        { name: 'small', description: 'For trying out.', resourceLimits: { broker: 1 } },
      ],
      addressTypes: [
        { name: 'deadletter', plans: [] },
        {
          name: 'queue',
          plans: [
            { name: 'big-queue', resources: { broker: 0.5 } },
            { name: 'queue', resources: { broker: 0.01 } },
          ],
        },
        { name: 'topic', plans: [{ name: 'topic', resources: { broker: 0.01 } }] },
        { name: 'subscription', plans: [] },
      ],
    });
  });

  it('is no plan with a fault, of another type of space, or that no plan lists', () => {
    const catalog = planCatalog([
      config,
      admin('StandardInfraConfig', 'default', {}),
      spacePlan('broken', ['missing']),
      spacePlan('routed', ['queue'], {
        addressSpaceType: 'standard',
        resourceLimits: { broker: 1, router: 1, aggregate: 1 },
      }),
      addressPlan('queue', 'queue', { resources: { broker: 0.1, router: 0.1 } }),
      addressPlan('alone', 'queue'),
    ]);
    const { plans, addressTypes = [] } = offerOf('brokered', catalog, []);
    expect(plans).toEqual([]);
    expect(addressTypes.flatMap((type) => type.plans)).toEqual([]);
  });
});
