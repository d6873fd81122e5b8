import {
  findCondition,
  refOf,
  setCondition,
  type Address,
  type Condition,
  type StatusWrite,
} from '@samband/resources';
import { toReason } from '@samband/errors';
import type { Served } from './address-set.js';

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
  if (outcome.kind === 'refused') {
    return (
      ready.status === 'False' &&
      ready.reason === reasonOf(outcome.reason) &&
      ready.message === outcome.message
    );
  }
  const { effective } = outcome.served;
  return (
    ready.status === 'True' &&
    sameValue(status.planStatus, effective.planStatus) &&
    sameValue(status.messageTtl, effective.messageTtl) &&
    sameValue(status.messageRedelivery, effective.messageRedelivery) &&
    sameValue(status.subscription, effective.subscription)
  );
}

export function statusWrite(outcome: AddressOutcome, now: string, brokerId?: string): StatusWrite {
  const { address } = outcome.kind === 'ready' ? outcome.served : outcome;
  const { metadata, status } = address;
  const ready = outcome.kind === 'ready';
  const retry = !ready && outcome.retry;
  const reason = ready ? 'Ready' : reasonOf(outcome.reason);
  const message = ready ? '' : outcome.message;
  const flags = { Ready: ready, Reconciling: retry, Stalled: !ready && !retry };
  const conditions = (Object.keys(flags) as (keyof typeof flags)[]).reduce<Condition[]>(
    (all, type) =>
      setCondition(
        all,
        {
          type,
          status: flags[type] ? 'True' : 'False',
          reason,
          message,
          ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
        },
        now,
      ),
    status?.conditions ?? [],
  );
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

function sameValue(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
