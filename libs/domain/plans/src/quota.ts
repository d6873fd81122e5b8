import type { Reason } from '@samband/resources';
import { formatCredits } from './credits.js';

/** One address of a space as it shall be in the end. */
export interface QuotaEntry {
  /** Name of the Address object: unique in its space. */
  readonly name: string;
  readonly brokerMicros: number;
  readonly isReady: boolean;
  /** RFC 3339 in UTC; absent for what is yet to be created. */
  readonly createdAt?: string;
}

export interface SpaceLimits {
  /** Broker credits that the plan allows, in millionths. */
  readonly brokerMicros: number;
  /** Queues that the broker's memory holds. */
  readonly maxQueues: number;
  /** For messages. */
  readonly planName: string;
  readonly infraConfig: string;
  readonly heapMiB: number;
}

export interface Refusal {
  readonly name: string;
  readonly reason: Reason;
  readonly message: string;
}

export interface QuotaVerdict {
  /** What all addresses together ask for, in millionths. */
  readonly usedMicros: number;
  /** Those that do not fit, in the order in which they were looked at. */
  readonly refused: readonly Refusal[];
}

/**
 * Which addresses of a brokered space fit, judged on the end state. They are taken in a fixed order: those that
 * are Ready already, then by creation, then by name; each that no longer fits is refused, and smaller ones
 * after it may still fit. Memory is judged apart: an address costs the broker one queue, whatever its plan
 * says. A refusal of one that is in force says that it does not fit, not that it shall be taken away.
 */
export function judgeQuota(entries: readonly QuotaEntry[], limits: SpaceLimits): QuotaVerdict {
  const usedMicros = entries.reduce((sum, { brokerMicros }) => sum + brokerMicros, 0);
  if (usedMicros <= limits.brokerMicros && entries.length <= limits.maxQueues) {
    return { usedMicros, refused: [] };
  }
  const refused: Refusal[] = [];
  let placedMicros = 0;
  let placedQueues = 0;
  for (const { name, brokerMicros } of [...entries].sort(inOrder)) {
    if (placedMicros + brokerMicros > limits.brokerMicros) {
      refused.push({ name, reason: 'QuotaExceeded', message: quotaMessage(name, usedMicros, limits) });
    } else if (placedQueues + 1 > limits.maxQueues) {
      refused.push({
        name,
        reason: 'CapacityExceeded',
        message: capacityMessage(name, entries.length, limits),
      });
    } else {
      placedMicros += brokerMicros;
      placedQueues += 1;
    }
  }
  return { usedMicros, refused };
}

function inOrder(a: QuotaEntry, b: QuotaEntry): number {
  if (a.isReady !== b.isReady) return a.isReady ? -1 : 1;
  // Later than any date: what is yet to be created comes last.
  const [created, other] = [a.createdAt ?? '~', b.createdAt ?? '~'];
  if (created !== other) return created < other ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function quotaMessage(name: string, usedMicros: number, limits: SpaceLimits): string {
  const [used, limit] = [formatCredits(usedMicros), formatCredits(limits.brokerMicros)];
  return `quota exceeded: the addresses use ${used} broker credits, plan ${limits.planName} allows ${limit}; ${name} does not fit`;
}

function capacityMessage(name: string, wanted: number, limits: SpaceLimits): string {
  return `capacity exceeded: the space has ${wanted} addresses, a broker of infra config ${limits.infraConfig} (heap ${limits.heapMiB} MiB) holds ${limits.maxQueues}; ${name} does not fit`;
}
