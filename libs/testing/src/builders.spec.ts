import { describe, expect, it } from '@jest/globals';
import { kindNames, parseObject, type KindName } from '@samband/resources';
import * as testing from './index.js';

describe('the builders', () => {
  const built: Partial<Record<KindName, unknown>> = {
    AddressSpace: testing.anAddressSpace(),
    Address: testing.anAddress({ spec: { address: 'Orders_2' } }),
    MessagingUser: testing.aMessagingUser(),
    AddressSpacePlan: testing.anAddressSpacePlan(),
    AddressPlan: testing.anAddressPlan(),
    BrokeredInfraConfig: testing.aBrokeredInfraConfig(),
    AuthenticationService: testing.anAuthenticationService(),
    GitSource: testing.aGitSource(),
    Rollout: testing.aRollout({ status: { phase: 'Pending' } }),
  };

  it.each(kindNames.filter((kind) => kind in built))('make a valid %s', (kind) => {
    const parsed = parseObject(kind, built[kind]);
    expect(parsed).toMatchObject({ ok: true, unknownFields: [] });
  });

  it('say only what the test says otherwise', () => {
    const space = testing.anAddressSpace({ metadata: { name: 'web' }, spec: { plan: 'large' } });
    expect(space).toMatchObject({
      metadata: { namespace: 'team', name: 'web' },
      spec: { type: 'brokered', plan: 'large' },
    });
  });
});
