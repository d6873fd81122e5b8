import {
  addressMaxBytes,
  effectiveRedelivery,
  effectiveTtl,
  type ResolvedAddressPlan,
  type ResolvedSpacePlan,
} from '@samband/plans';
import type { Address, MessageRedelivery, MessageTtl } from '@samband/resources';
import type { AddressSettings, DesiredAddress } from './ports.js';

/** Deliveries of a message before it goes to the dead letter address, when nobody said how many (as EnMasse). */
const deadletterAttempts = 10;

/**
 * With a least time to live alone Artemis gives it to messages that want to stay as well; with a greatest one it gives
 * them that. A hundred years, which the clocks and dates of all clients can still add up.
 */
const forEverMs = 100 * 365 * 24 * 60 * 60 * 1_000;

/** Artemis' own, where no greatest delay is set: so many times the first. */
const delayGrowth = 10;

/** What each setting is when nobody sets it; also how an address undoes what `#` says. */
const neutral = {
  deadLetterAddress: undefined,
  expiryAddress: undefined,
  minExpiryDelay: -1,
  maxExpiryDelay: -1,
  maxDeliveryAttempts: -1,
  redeliveryDelay: 0,
  redeliveryMultiplier: 1,
  maxRedeliveryDelay: undefined,
  maxSizeBytes: -1,
  addressFullMessagePolicy: undefined,
} as const satisfies Record<keyof AddressSettings, unknown>;

/** Values in force, from the plan and the address: what the status shows. */
export interface EffectiveValues {
  readonly messageTtl?: MessageTtl;
  readonly messageRedelivery?: MessageRedelivery;
}

/** Time to live and redelivery of an address. Subscriptions have those of their topic. */
export function effectiveValues({ spec }: Pick<Address, 'spec'>, plan: ResolvedAddressPlan): EffectiveValues {
  const { type, deadletter } = spec;
  const messageTtl = hasTtl(type) ? effectiveTtl(plan.messageTtl, spec.messageTtl) : undefined;
  const redelivery = hasRedelivery(type)
    ? effectiveRedelivery(plan.messageRedelivery, spec.messageRedelivery)
    : undefined;
  // Without a number of attempts a dead letter address would never see a message.
  const messageRedelivery =
    hasRedelivery(type) && deadletter !== undefined
      ? { maximumDeliveryAttempts: deadletterAttempts, ...redelivery }
      : redelivery;
  return {
    ...(messageTtl === undefined ? {} : { messageTtl }),
    ...(messageRedelivery === undefined ? {} : { messageRedelivery }),
  };
}

/**
 * Settings for the match `#`: those of the plan that most addresses of a space will have, which is its first
 * plan for queues, else for topics. Each exception costs the broker a walk over all its queues, so the usual
 * address must have none. Depends on the plan alone: a change of `#` restarts the broker.
 */
export function spaceDefaults(plan: ResolvedSpacePlan): AddressSettings {
  const plans = [...plan.addressPlans.values()];
  const usual = plans.find(({ type }) => type === 'queue') ?? plans.find(({ type }) => type === 'topic');
  const globalMaxBytes = plan.broker?.globalMaxBytes;
  if (usual === undefined || globalMaxBytes === undefined) return {};
  return settingsOf({ address: '', type: usual.type, plan: usual.name }, usual, globalMaxBytes);
}

/** The settings of an address that are not those of `#`; `undefined` when there are none. */
export function exceptionalSettings(
  address: Pick<Address, 'spec'>,
  plan: ResolvedAddressPlan,
  globalMaxBytes: number,
  defaults: AddressSettings,
): AddressSettings | undefined {
  // A subscription's queue lies on its topic, whose settings count.
  if (address.spec.type === 'subscription') return undefined;
  const own = settingsOf(address.spec, plan, globalMaxBytes);
  // No value undoes that of `#`: what Artemis reckons where there is none is written out.
  const maxRedeliveryDelay =
    defaults.maxRedeliveryDelay === undefined ? undefined : delayGrowth * (own.redeliveryDelay ?? 0);
  const whole: { [K in keyof AddressSettings]: AddressSettings[K] | undefined } = {
    ...neutral,
    maxRedeliveryDelay,
    ...own,
  };
  const differing = (Object.keys(neutral) as (keyof AddressSettings)[]).flatMap((key) => {
    const value = whole[key];
    return value === undefined || value === (defaults[key] ?? neutral[key]) ? [] : [[key, value] as const];
  });
  return differing.length === 0 ? undefined : Object.fromEntries(differing);
}

/** All exact settings of a space, by match; for `BrokerManagement.setAddressSettings`. */
export function exactSettings(addresses: readonly DesiredAddress[]): Map<string, AddressSettings> {
  return new Map(
    addresses.flatMap(({ address, settings }) =>
      settings === undefined ? [] : [[address, settings] as const],
    ),
  );
}

function settingsOf(
  spec: Address['spec'],
  plan: ResolvedAddressPlan,
  globalMaxBytes: number,
): AddressSettings {
  const { messageTtl, messageRedelivery } = effectiveValues({ spec }, plan);
  const refers = hasRedelivery(spec.type);
  const { maximumDeliveryAttempts, redeliveryDelay, redeliveryDelayMultiplier, maximumDeliveryDelay } =
    messageRedelivery ?? {};
  return defined({
    deadLetterAddress: refers ? spec.deadletter : undefined,
    expiryAddress: refers ? spec.expiry : undefined,
    minExpiryDelay: messageTtl?.minimum,
    maxExpiryDelay: messageTtl?.maximum ?? stays(messageTtl?.minimum),
    maxDeliveryAttempts: maximumDeliveryAttempts,
    redeliveryDelay: notNegative(redeliveryDelay),
    redeliveryMultiplier: notNegative(redeliveryDelayMultiplier),
    maxRedeliveryDelay: notNegative(maximumDeliveryDelay),
    // What could not be delivered must not be refused here as well: dead letter addresses have no share.
    maxSizeBytes: spec.type === 'deadletter' ? undefined : addressMaxBytes(plan.brokerMicros, globalMaxBytes),
  });
}

function stays(minimum: number | undefined): number | undefined {
  return minimum === undefined ? undefined : Math.max(forEverMs, minimum);
}

function hasTtl(type: Address['spec']['type']): boolean {
  return type === 'queue' || type === 'topic' || type === 'deadletter';
}

/** Redelivery, dead letter and expiry addresses. */
function hasRedelivery(type: Address['spec']['type']): boolean {
  return type === 'queue' || type === 'topic';
}

function notNegative(value: number | undefined): number | undefined {
  return value === undefined || value < 0 ? undefined : value;
}

function defined(settings: {
  [K in keyof AddressSettings]: AddressSettings[K] | undefined;
}): AddressSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
