import type {
  AddressPlan,
  AddressPlanSpec,
  AddressSpacePlan,
  AddressSpacePlanSpec,
  KubeObject,
} from '@samband/resources';
import { describe, expect, it } from '@jest/globals';
import { judgeAddressPlan } from './address-plan.js';
import { judgeAddressSpacePlan } from './address-space-plan.js';
import { planCatalog, type PlanCatalog } from './catalog.js';
import { resolveAddressPlan, resolveSpacePlan } from './resolve.js';
import { planStatus } from './verdict.js';

const namespace = 'enmasse-infra';

function addressPlan(spec: Partial<AddressPlanSpec> = {}, name = 'queue'): AddressPlan {
  return {
    apiVersion: 'admin.enmasse.io/v1beta2',
    kind: 'AddressPlan',
    metadata: { name, namespace },
    spec: { addressType: 'queue', resources: { broker: 0.001 }, ...spec },
  };
}

function spacePlan(spec: Partial<AddressSpacePlanSpec> = {}, name = 'small'): AddressSpacePlan {
  return {
    apiVersion: 'admin.enmasse.io/v1beta2',
    kind: 'AddressSpacePlan',
    metadata: { name, namespace },
    spec: {
      addressSpaceType: 'brokered',
      infraConfigRef: 'default',
      addressPlans: ['queue'],
      resourceLimits: { broker: 1 },
      ...spec,
    },
  };
}

const infraConfigs: KubeObject[] = ['BrokeredInfraConfig', 'StandardInfraConfig'].map((kind) => ({
  apiVersion: 'admin.enmasse.io/v1beta1',
  kind,
  metadata: { name: 'default', namespace },
  spec: {},
}));
const broken: KubeObject = {
  apiVersion: 'admin.enmasse.io/v1beta1',
  kind: 'BrokeredInfraConfig',
  metadata: { name: 'broken', namespace },
  spec: { broker: { resources: { memory: '1Mi' } } },
};

const catalog = (...objects: KubeObject[]): PlanCatalog => planCatalog([...infraConfigs, broken, ...objects]);
const standard: Partial<AddressSpacePlanSpec> = {
  addressSpaceType: 'standard',
  resourceLimits: { broker: 1, router: 1, aggregate: 2 },
};

describe('judgeAddressPlan', () => {
  it.each<[string, Partial<AddressPlanSpec>, Partial<AddressSpacePlanSpec>, string]>([
    ['a queue with broker credit suits brokered spaces', {}, {}, 'Active'],
    ['a credit of nothing is a credit', { resources: { broker: 0 } }, {}, 'Active'],
    ['a deadletter needs no credit', { addressType: 'deadletter', resources: {} }, {}, 'Active'],
    ['a subscription suits brokered spaces', { addressType: 'subscription' }, {}, 'Active'],
    [
      'a queue without broker credit does not',
      { resources: { router: 1 } },
      {},
      'Failed: address plan queue: resources.broker is required for type queue in brokered spaces',
    ],
    [
      'anycast does not exist in brokered spaces',
      { addressType: 'anycast' },
      {},
      'Failed: address plan queue: addresses of type anycast do not exist in brokered spaces',
    ],
    [
      'a queue needs a router credit too in standard spaces',
      {},
      standard,
      'Failed: address plan queue: resources.router is required for type queue in standard spaces',
    ],
    [
      'anycast needs no broker credit',
      { addressType: 'anycast', resources: { router: 0.1 } },
      standard,
      'Active',
    ],
    [
      'only queues have partitions',
      { addressType: 'topic', partitions: 2 },
      {},
      'Failed: address plan queue: only queues can have more than one partition',
    ],
    ['one partition is none', { addressType: 'topic', partitions: 1 }, {}, 'Active'],
    [
      'credits have six places',
      { resources: { broker: 1e-7 } },
      {},
      'Failed: address plan queue: resources.broker must be a credit of at most six decimal places, not 1e-7',
    ],
    [
      'everything that is wrong is told',
      { addressType: 'topic', partitions: 3, resources: {} },
      {},
      'Failed: address plan queue: only queues can have more than one partition; address plan queue: resources.broker is required for type topic in brokered spaces',
    ],
  ])('%s', (_, spec, space, expected) => {
    const plan = addressPlan(spec);
    const { phase, message } = judgeAddressPlan(plan, catalog(plan, spacePlan(space)));
    expect(message === '' ? phase : `${phase}: ${message}`).toBe(expected);
  });

  it('waits for an address space plan that lists it', () => {
    const plan = addressPlan();
    expect(judgeAddressPlan(plan, catalog(plan, spacePlan({ addressPlans: [] })))).toMatchObject({
      phase: 'Pending',
      reason: 'NotReferenced',
    });
  });
});

describe('judgeAddressSpacePlan', () => {
  it.each<[string, Partial<AddressSpacePlanSpec>, string]>([
    ['a brokered plan needs a broker limit only', {}, 'Active'],
    [
      'a standard plan needs all three',
      { addressSpaceType: 'standard' },
      'Failed: MissingLimits: resourceLimits.router is required for standard spaces; resourceLimits.aggregate is required for standard spaces; address plan queue: resources.router is required for type queue in standard spaces',
    ],
    [
      'the infra config must exist',
      { infraConfigRef: 'gone' },
      'Failed: UnknownInfraConfig: BrokeredInfraConfig gone does not exist',
    ],
    [
      'the infra config must be usable',
      { infraConfigRef: 'broken' },
      'Failed: Invalid: infra config broken: broker.resources.memory must be between 256Mi and 1Ti',
    ],
    [
      'address plans must exist',
      { addressPlans: ['queue', 'gone'] },
      'Failed: UnknownAddressPlan: address plan gone does not exist',
    ],
    [
      'limits have six places',
      { resourceLimits: { broker: 0.0000001 } },
      'Failed: Invalid: resourceLimits.broker must be a credit of at most six decimal places, not 1e-7',
    ],
  ])('%s', (_, spec, expected) => {
    const plan = spacePlan(spec);
    const { phase, reason, message } = judgeAddressSpacePlan(plan, catalog(plan, addressPlan()));
    expect(phase === 'Active' ? phase : `${phase}: ${reason}: ${message}`).toBe(expected);
  });

  it('takes plans from enmasse-infra only', () => {
    const elsewhere = { ...addressPlan(), metadata: { name: 'queue', namespace: 'team1' } };
    expect(judgeAddressSpacePlan(spacePlan(), catalog(elsewhere))).toMatchObject({
      reason: 'UnknownAddressPlan',
    });
  });
});

describe('planStatus', () => {
  it('says with conditions what phase and message say, and is stable', () => {
    const plan = { metadata: { generation: 3 } };
    const verdict = { phase: 'Failed', reason: 'MissingLimits', message: 'why' } as const;
    const status = planStatus(verdict, plan, '2026-01-01T00:00:00Z');
    expect(status).toMatchObject({ phase: 'Failed', message: 'why', observedGeneration: 3 });
    expect(status.conditions?.map(({ type, status: is, reason }) => `${type}=${is} ${reason}`)).toEqual([
      'Ready=False MissingLimits',
      'Stalled=True MissingLimits',
    ]);
    const again = { ...plan, status: { conditions: status.conditions ?? [] } };
    expect(planStatus(verdict, again, '2027-01-01T00:00:00Z')).toEqual(status);
  });
});

describe('resolving', () => {
  const offer = catalog(
    spacePlan(),
    addressPlan({ messageTtl: { maximum: 5 } }),
    addressPlan({}, 'unlisted'),
    spacePlan({ infraConfigRef: 'gone' }, 'failed'),
  );

  it('finds a plan with all it refers to', () => {
    const space = resolveSpacePlan('small', 'brokered', offer);
    if (!space.ok) throw new Error(space.message);
    expect(space.plan).toMatchObject({
      infraConfig: 'default',
      limits: { broker: 1_000_000, router: undefined },
      broker: { heapMiB: 256 },
    });
    expect(resolveAddressPlan('queue', 'queue', space.plan, offer)).toMatchObject({
      ok: true,
      plan: { brokerMicros: 1000, routerMicros: 0, partitions: 1, messageTtl: { maximum: 5 } },
    });
    expect(resolveAddressPlan('queue', 'topic', space.plan, offer)).toMatchObject({
      reason: 'PlanNotAllowed',
    });
    expect(resolveAddressPlan('unlisted', 'queue', space.plan, offer)).toMatchObject({
      reason: 'PlanNotAllowed',
    });
    expect(resolveAddressPlan('gone', 'queue', space.plan, offer)).toMatchObject({ reason: 'UnknownPlan' });
  });

  it.each([
    [
      'one that does not exist',
      'gone',
      'brokered' as const,
      'UnknownPlan',
      'address space plan gone does not exist',
    ],
    [
      'one for another type',
      'small',
      'standard' as const,
      'PlanNotAllowed',
      'address space plan small is for brokered spaces, not for standard ones',
    ],
    [
      'one that failed',
      'failed',
      'brokered' as const,
      'PlanFailed',
      'address space plan failed cannot be used: BrokeredInfraConfig gone does not exist',
    ],
  ])('refuses %s', (_, name, type, reason, message) => {
    expect(resolveSpacePlan(name, type, offer)).toEqual({ ok: false, reason, message });
  });
});
