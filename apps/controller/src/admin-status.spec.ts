import { describe, expect, it } from '@jest/globals';
import type { AuthenticationService, KubeObject } from '@samband/resources';
import { authenticationStatus, dueStatuses } from './admin-status.js';
import { anObject, aSpacePlan, viewOf } from './objects.fixture.js';

const now = '2026-01-01T00:00:00Z';
const later = '2026-01-02T00:00:00Z';
const infra = 'enmasse-infra';
const inInfra = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, namespace: infra },
});
const plan = aSpacePlan('small', 'default', ['queue']);
const addressPlan = inInfra(
  anObject('AddressPlan', 'queue', { spec: { addressType: 'queue', resources: { broker: 0.01 } } }),
);
const config = inInfra(
  anObject('BrokeredInfraConfig', 'default', { spec: { broker: { resources: { memory: '512Mi' } } } }),
);

function written(objects: readonly KubeObject[], at = now): Record<string, unknown> {
  return Object.fromEntries(dueStatuses(viewOf(objects), at).map(({ ref, status }) => [ref.name, status]));
}

describe('the status of plans', () => {
  it('says what is missing, and that a plan works once it is there', () => {
    expect(written([plan])).toMatchObject({ small: { phase: 'Failed', observedGeneration: 1 } });
    const good = written([plan, addressPlan, config]);
    expect(good).toMatchObject({ small: { phase: 'Active' }, queue: { phase: 'Active' } });
  });

  it('is not written again while nothing changes', () => {
    const statuses = written([plan, addressPlan, config]);
    const stored = [plan, addressPlan, config].map((object) => ({
      ...object,
      status: statuses[object.metadata.name],
    }));
    expect(written(stored, later)).toEqual({});
    const noted = stored.map((object) => ({
      ...object,
      status: { ...(object.status as object), note: 'of others' },
    }));
    expect(written(noted, later)).toEqual({});
  });

  it('carries the version it was judged from', () => {
    const [write] = dueStatuses(viewOf([plan]), now);
    expect(write).toMatchObject({ ref: { kind: 'AddressSpacePlan', name: 'small' }, resourceVersion: '1' });
  });
});

describe('the status of an infra config', () => {
  const idle = inInfra(
    anObject('BrokeredInfraConfig', 'default', { spec: { broker: { storageClassName: 'fast' } } }),
  );

  it('says which of its fields have no effect, once', () => {
    const { default: status } = written([idle]);
    expect(status).toMatchObject({
      conditions: [
        {
          type: 'FieldsIgnored',
          status: 'True',
          message: expect.stringMatching(/^spec\.broker\.storageClassName /),
        },
      ],
    });
    expect(written([{ ...idle, status }], later)).toEqual({});
    expect(written([{ ...config, status }], later)).toEqual({ default: { conditions: [] } });
  });

  it('is not written when all have theirs', () => {
    expect(written([config])).toEqual({});
  });
});

describe('the status of authentication services', () => {
  const service = (type: string): AuthenticationService =>
    inInfra(anObject('AuthenticationService', 'auth', { spec: { type } })) as AuthenticationService;

  it.each(['none', 'standard'])('says that type %s works', (type) => {
    const { phase, conditions } = authenticationStatus(service(type), now);
    expect(phase).toBe('Active');
    expect(conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
  });

  it('says that brokered spaces cannot use type external', () => {
    const { phase, message, conditions } = authenticationStatus(service('external'), now);
    expect(phase).toBe('Failed');
    expect(message).toContain('brokered');
    expect(conditions).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'Unsupported' },
      { type: 'Stalled', status: 'True' },
    ]);
  });
});
