import { describe, expect, it } from '@jest/globals';
import type { ResolvedAddressPlan, ResolvedSpacePlan } from '@samband/plans';
import type { Address } from '@samband/resources';
import { exactSettings, spaceDefaults } from './address-settings.js';
import { brokerSpec, brokerSpecText } from './broker-spec.js';
import { clientAddress, desiredAddress, effectiveStatus } from './desired-address.js';

const MiB = 1024 * 1024;
const globalMaxBytes = 64 * MiB;
const plan = (changed: Partial<ResolvedAddressPlan> = {}): ResolvedAddressPlan => ({
  name: 'small-queue',
  type: 'queue',
  brokerMicros: 10_000,
  routerMicros: 0,
  partitions: 1,
  messageTtl: undefined,
  messageRedelivery: undefined,
  ...changed,
});
const deadletterPlan = plan({ name: 'dead', type: 'deadletter', brokerMicros: 0 });
const spacePlan = (
  ...plans: ResolvedAddressPlan[]
): ResolvedSpacePlan & { broker: NonNullable<ResolvedSpacePlan['broker']> } => ({
  name: 'small',
  type: 'brokered',
  infraConfig: 'small-broker',
  limits: { broker: 1_000_000, router: undefined, aggregate: undefined },
  broker: {
    heapMiB: 256,
    globalMaxBytes,
    addressFullPolicy: 'FAIL',
    javaOptions: ['-Xss512k'],
    maxQueues: 6000,
  },
  addressPlans: new Map(plans.map((each) => [each.name, each])),
});
const address = (spec: Partial<Address['spec']> & Pick<Address['spec'], 'type'>): Pick<Address, 'spec'> => ({
  spec: { address: 'orders', plan: 'small-queue', ...spec },
});
const defaults = spaceDefaults(spacePlan(plan(), deadletterPlan));
const context = { plan: plan(), globalMaxBytes, defaults };

describe('an address on the broker', () => {
  it('is a queue of its own name, a topic without one, or a queue on its topic', () => {
    expect(desiredAddress(address({ type: 'queue' }), context)).toEqual({
      address: 'orders',
      routing: 'ANYCAST',
      queue: { name: 'orders' },
    });
    expect(desiredAddress(address({ type: 'topic' }), context)).toEqual({
      address: 'orders',
      routing: 'MULTICAST',
    });
    const subscription = address({ type: 'subscription', topic: 'news' });
    expect(desiredAddress(subscription, context)).toEqual({
      address: 'news',
      routing: 'MULTICAST',
      queue: { name: 'orders', maxConsumers: 1 },
    });
    expect(clientAddress(subscription)).toBe('news::orders');
    expect(clientAddress(address({ type: 'queue' }))).toBe('orders');
    const many = address({ type: 'subscription', topic: 'news', subscription: { maxConsumers: -1 } });
    expect(desiredAddress(many, context)?.queue?.maxConsumers).toBe(-1);
    expect(desiredAddress(address({ type: 'anycast' }), context)).toBeUndefined();
    expect(desiredAddress(address({ type: 'subscription' }), context)).toBeUndefined();
  });

  it('has no settings of its own when it is of the usual plan', () => {
    expect(defaults).toEqual({ maxSizeBytes: 671_089 });
    expect(desiredAddress(address({ type: 'queue' }), context)?.settings).toBeUndefined();
    const topic = { ...context, plan: plan({ name: 'small-topic', type: 'topic' }) };
    expect(desiredAddress(address({ type: 'topic' }), topic)?.settings).toBeUndefined();
  });

  it('says only what differs, and undoes what it does not want of the usual', () => {
    const large = { ...context, plan: plan({ brokerMicros: 500_000 }) };
    expect(desiredAddress(address({ type: 'queue' }), large)?.settings).toEqual({ maxSizeBytes: 32 * MiB });
    const dead = { ...context, plan: deadletterPlan };
    expect(desiredAddress(address({ type: 'deadletter' }), dead)?.settings).toEqual({ maxSizeBytes: -1 });
    const strict = spaceDefaults(
      spacePlan(
        plan({
          messageTtl: { maximum: 1000 },
          messageRedelivery: { maximumDeliveryAttempts: 3, redeliveryDelay: 5 },
        }),
      ),
    );
    expect(desiredAddress(address({ type: 'queue' }), { ...context, defaults: strict })?.settings).toEqual({
      maxExpiryDelay: -1,
      maxDeliveryAttempts: -1,
      redeliveryDelay: 0,
    });
  });

  it('carries time to live, redelivery, dead letter and expiry of plan and address', () => {
    const rich = plan({
      messageTtl: { minimum: 100, maximum: 10_000 },
      messageRedelivery: {
        maximumDeliveryAttempts: 5,
        redeliveryDelay: 1000,
        redeliveryDelayMultiplier: 1.5,
      },
    });
    const spec = address({
      type: 'queue',
      deadletter: 'dead',
      expiry: 'late',
      messageTtl: { maximum: 5000 },
      messageRedelivery: { maximumDeliveryAttempts: -1, maximumDeliveryDelay: 9000 },
    });
    expect(desiredAddress(spec, { ...context, plan: rich })?.settings).toEqual({
      deadLetterAddress: 'dead',
      expiryAddress: 'late',
      minExpiryDelay: 100,
      maxExpiryDelay: 5000,
      redeliveryDelay: 1000,
      redeliveryMultiplier: 1.5,
      maxRedeliveryDelay: 9000,
    });
    expect(effectiveStatus(spec, rich)).toEqual({
      planStatus: { name: 'small-queue', partitions: 1, resources: { broker: 0.01 } },
      messageTtl: { minimum: 100, maximum: 5000 },
      messageRedelivery: {
        maximumDeliveryAttempts: -1,
        redeliveryDelay: 1000,
        redeliveryDelayMultiplier: 1.5,
        maximumDeliveryDelay: 9000,
      },
    });
  });

  it('with a dead letter address gives up after ten deliveries, unless told otherwise', () => {
    const spec = address({ type: 'queue', deadletter: 'dead' });
    expect(desiredAddress(spec, context)?.settings).toEqual({
      deadLetterAddress: 'dead',
      maxDeliveryAttempts: 10,
    });
    expect(effectiveStatus(spec, plan()).messageRedelivery).toEqual({ maximumDeliveryAttempts: 10 });
  });

  it('lets messages without a time to live stay when there is only a least one', () => {
    const century = 3_153_600_000_000;
    const own = address({ type: 'queue', messageTtl: { minimum: 5000 } });
    expect(desiredAddress(own, context)?.settings).toEqual({ minExpiryDelay: 5000, maxExpiryDelay: century });
    const long = address({ type: 'queue', messageTtl: { minimum: 2 * century } });
    expect(desiredAddress(long, context)?.settings).toMatchObject({ maxExpiryDelay: 2 * century });
    const lasting = spaceDefaults(spacePlan(plan({ messageTtl: { minimum: 5000 } })));
    expect(lasting).toMatchObject({ minExpiryDelay: 5000, maxExpiryDelay: century });
    const none = { ...context, plan: plan(), defaults: lasting };
    expect(desiredAddress(address({ type: 'queue' }), none)?.settings).toEqual({
      minExpiryDelay: -1,
      maxExpiryDelay: -1,
    });
    expect(effectiveStatus(own, plan())).toMatchObject({ messageTtl: { minimum: 5000 } });
  });

  it('has the greatest delay that the broker reckons itself where only the space has one', () => {
    const redelivery = (messageRedelivery: Address['spec']['messageRedelivery']): unknown =>
      desiredAddress(address({ type: 'queue', ...(messageRedelivery && { messageRedelivery }) }), {
        ...context,
        defaults: { ...defaults, redeliveryDelay: 100, maxRedeliveryDelay: 300 },
      })?.settings;
    expect(redelivery({ redeliveryDelay: 2000 })).toEqual({
      redeliveryDelay: 2000,
      maxRedeliveryDelay: 20_000,
    });
    expect(redelivery(undefined)).toEqual({ redeliveryDelay: 0, maxRedeliveryDelay: 0 });
    expect(redelivery({ redeliveryDelay: 2000, maximumDeliveryDelay: 300 })).toEqual({
      redeliveryDelay: 2000,
    });
    const atOnce = address({
      type: 'queue',
      messageRedelivery: { redeliveryDelay: 9, maximumDeliveryDelay: 0 },
    });
    expect(desiredAddress(atOnce, context)?.settings).toEqual({ redeliveryDelay: 9, maxRedeliveryDelay: 0 });
  });

  it('leaves the settings of a subscription to its topic', () => {
    const spec = address({ type: 'subscription', topic: 'news', messageTtl: { maximum: 5 } });
    expect(desiredAddress(spec, context)?.settings).toBeUndefined();
    expect(effectiveStatus(spec, plan())).toMatchObject({ subscription: { maxConsumers: 1 } });
    expect(effectiveStatus(spec, plan()).messageTtl).toBeUndefined();
  });

  it('lists exact settings by the address they are for', () => {
    expect(
      exactSettings([
        { address: 'a', routing: 'ANYCAST', queue: { name: 'a' } },
        { address: 'b', routing: 'MULTICAST', settings: { maxSizeBytes: 1 } },
      ]),
    ).toEqual(new Map([['b', { maxSizeBytes: 1 }]]));
  });
});

describe('the spec of a broker', () => {
  const input = { id: '0a1b2c3', namespace: 'team1', space: 'app', authentication: 'standard' } as const;

  it('comes from the plan alone', () => {
    expect(brokerSpec({ ...input, plan: spacePlan(plan({ messageTtl: { maximum: 9 } })) })).toEqual({
      id: '0a1b2c3',
      namespace: 'team1',
      space: 'app',
      heapMiB: 256,
      globalMaxBytes,
      addressFullPolicy: 'FAIL',
      javaOptions: ['-Xss512k'],
      defaults: { maxExpiryDelay: 9, maxSizeBytes: 671_089 },
      authentication: 'standard',
    });
  });

  it('has the same text whatever the order of its fields', () => {
    const spec = brokerSpec({ ...input, plan: spacePlan(plan()) });
    const turned = Object.fromEntries(Object.entries(spec).reverse()) as unknown as typeof spec;
    expect(brokerSpecText(turned)).toBe(brokerSpecText(spec));
    expect(brokerSpecText({ ...spec, heapMiB: 257 })).not.toBe(brokerSpecText(spec));
  });
});
