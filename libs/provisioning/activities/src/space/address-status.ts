import {
  conditionTypes,
  findCondition,
  idleFields,
  refOf,
  setFieldsIgnored,
  setStanding,
  type Address,
  type StatusWrite,
} from '@samband/resources';
import { toReason } from '@samband/errors';
import { clip } from '../clip.js';
import { isSameValue } from '../same.js';
import type { Served } from './address-set.js';

/** What the CRD admits. */
const messageMax = 32_768;

export type AddressOutcome =
  | { readonly kind: 'ready'; readonly served: Served }
  /** `retry`: it may come by itself (a broker that is away); else someone has to change something. */
  | {
      readonly kind: 'refused';
      readonly address: Address;
      readonly reason: string;
      readonly message: string;
      readonly retry: boolean;
    };

/** Whether the status says already what it shall: then nothing is written. */
export function isSaid(outcome: AddressOutcome): boolean {
  const { address } = outcome.kind === 'ready' ? outcome.served : outcome;
  const { status, metadata } = address;
  const ready = findCondition(status?.conditions, 'Ready');
  if (status === undefined || status.observedGeneration !== metadata.generation || ready === undefined)
    return false;
  const areFieldsIgnored = findCondition(status.conditions, conditionTypes.fieldsIgnored) !== undefined;
  if (areFieldsIgnored !== idleFields(address).length > 0) return false;
  if (outcome.kind === 'refused') {
    return (
      ready.status === 'False' &&
      ready.reason === reasonOf(outcome.reason) &&
      ready.message === clip(outcome.message, messageMax)
    );
  }
  const { effective } = outcome.served;
  return (
    ready.status === 'True' &&
    isSameValue(status.planStatus, effective.planStatus) &&
    isSameValue(status.messageTtl, effective.messageTtl) &&
    isSameValue(status.messageRedelivery, effective.messageRedelivery) &&
    isSameValue(status.subscription, effective.subscription)
  );
}

export function statusWrite(outcome: AddressOutcome, now: string, brokerId?: string): StatusWrite {
  const { address } = outcome.kind === 'ready' ? outcome.served : outcome;
  const { metadata, status } = address;
  const ready = outcome.kind === 'ready';
  const retry = !ready && outcome.retry;
  const reason = ready ? 'Ready' : reasonOf(outcome.reason);
  const message = ready ? '' : clip(outcome.message, messageMax);
  const judgement = {
    standing: ready ? 'ready' : retry ? 'reconciling' : 'stalled',
    reason,
    message,
    observedGeneration: metadata.generation,
  } as const;
  const conditions = setFieldsIgnored(setStanding(status?.conditions, judgement, now), address, now);
  // An address that is refused but was in force stays so; what is in force is no longer vouched for.
  const effective = ready
    ? {
        planStatus: outcome.served.effective.planStatus,
        messageTtl: outcome.served.effective.messageTtl ?? null,
        messageRedelivery: outcome.served.effective.messageRedelivery ?? null,
        subscription: outcome.served.effective.subscription ?? null,
        brokerStatuses: [
          { clusterId: `broker-${brokerId ?? ''}`, containerId: `broker-${brokerId ?? ''}`, state: 'Active' },
        ],
      }
    : {};
  return {
    ref: refOf(address),
    resourceVersion: metadata.resourceVersion ?? '',
    status: {
      isReady: ready,
      phase: ready ? 'Active' : retry ? 'Configuring' : 'Pending',
      messages: ready ? [] : [message],
      observedGeneration: metadata.generation ?? 1,
      conditions,
      ...effective,
    },
  };
}

/** Codes of the catalogue become reasons; reasons stay as they are. */
export function reasonOf(code: string): string {
  return /^[A-Z0-9_]+$/.test(code) ? toReason(code) : code;
}
