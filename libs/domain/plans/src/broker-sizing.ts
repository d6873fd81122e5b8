import {
  parseBrokerSize,
  parseBytes,
  type AddressFullPolicy,
  type BrokeredInfraConfig,
} from '@samband/resources';
import { screenJavaOptions } from './java-options.js';
import type { Fault } from './verdict.js';

/** How the broker of a brokered space is sized. */
export interface BrokerSizing {
  readonly heapMiB: number;
  /** Memory for messages. */
  readonly globalMaxBytes: number;
  readonly addressFullPolicy: AddressFullPolicy;
  readonly javaOptions: readonly string[];
  /** Queues that the rest of the heap holds. */
  readonly maxQueues: number;
}

export type SizingResult =
  | { readonly ok: true; readonly sizing: BrokerSizing }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** Of EnMasse's template. */
const DEFAULT_MEMORY = 512 * MiB;
const MEMORY_BOUNDS = { min: 256 * MiB, max: 1024 * GiB };

/** Measured on Artemis 2.56: heap of a broker without queues, and of each queue (`initial-queue-buffer-size` 64). */
const BASE_HEAP = 64 * MiB;
const HEAP_PER_QUEUE = 20 * KiB;
/** What lies outside the heap: code, threads, network buffers. */
const OUTSIDE_HEAP = 128 * MiB;
/** A broker that holds fewer is a mistake in the infra config. */
const LEAST_QUEUES = 100;

/**
 * The heap is half of `resources.memory` (default 512Mi), as with EnMasse, or what `-Xmx` in `javaOpts` says;
 * messages get `globalMaxSize`, else half of the heap; the rest, less 64 MiB, holds queues at 20 KiB each.
 */
export function brokerSizing(config: BrokeredInfraConfig): SizingResult {
  const broker = config.spec?.broker ?? {};
  const faults: Fault[] = [];
  const fault = (message: string): void => {
    faults.push({ reason: 'Invalid', message: `infra config ${config.metadata.name}: ${message}` });
  };

  const memory =
    broker.resources?.memory === undefined ? DEFAULT_MEMORY : parseBytes(broker.resources.memory);
  const isMemoryUsable = memory !== undefined && memory >= MEMORY_BOUNDS.min && memory <= MEMORY_BOUNDS.max;
  if (!isMemoryUsable) fault('broker.resources.memory must be between 256Mi and 1Ti');

  const java = screenJavaOptions(broker.javaOpts ?? '');
  if (!java.ok) fault(`broker.${java.message}`);

  const messages = broker.globalMaxSize === undefined ? undefined : parseBrokerSize(broker.globalMaxSize);
  if (broker.globalMaxSize !== undefined && (messages === undefined || messages < MiB)) {
    fault('broker.globalMaxSize must be a size of at least 1Mb');
  }
  if (faults.length > 0 || !isMemoryUsable || !java.ok) return { ok: false, faults };

  const heapBytes = java.maxHeapBytes ?? memory / 2;
  if (heapBytes < MEMORY_BOUNDS.min / 2 || heapBytes > memory - OUTSIDE_HEAP) {
    fault('broker.javaOpts: -Xmx must be at least 128m, and 128Mi less than broker.resources.memory');
  }
  if (java.initialHeapBytes !== undefined && java.initialHeapBytes > heapBytes) {
    fault('broker.javaOpts: -Xms must not be greater than the heap');
  }
  if (java.outsideHeap !== undefined && java.outsideHeap.bytes > memory - heapBytes) {
    fault(
      `broker.javaOpts: ${java.outsideHeap.option} is more than broker.resources.memory leaves beside the heap`,
    );
  }
  const heapMiB = Math.floor(heapBytes / MiB);
  const globalMaxBytes = messages ?? Math.floor(heapBytes / 2);
  const maxQueues = queuesIn({ heapMiB, globalMaxBytes });
  if (faults.length === 0 && maxQueues < LEAST_QUEUES) {
    fault(
      messages === undefined
        ? `broker.resources.memory leaves no memory for queues: of a heap of ${heapMiB} MiB messages take half and the broker 64 MiB; raise it, or set broker.globalMaxSize`
        : `broker.globalMaxSize leaves no memory for queues: the heap is ${heapMiB} MiB, half of broker.resources.memory`,
    );
  }
  if (faults.length > 0) return { ok: false, faults };
  return {
    ok: true,
    sizing: {
      heapMiB,
      globalMaxBytes,
      addressFullPolicy: broker.addressFullPolicy ?? 'FAIL',
      javaOptions: java.options,
      maxQueues,
    },
  };
}

/** How many queues a heap has room for beside its messages. */
export function queuesIn({
  heapMiB,
  globalMaxBytes,
}: Pick<BrokerSizing, 'heapMiB' | 'globalMaxBytes'>): number {
  return Math.floor((heapMiB * MiB - BASE_HEAP - globalMaxBytes) / HEAP_PER_QUEUE);
}

/**
 * Greatest size of one address in bytes: its share of the message memory, as its plan's broker credit says.
 * `undefined` (no limit of its own) for plans without broker credit.
 */
export function addressMaxBytes(brokerMicros: number, globalMaxBytes: number): number | undefined {
  if (brokerMicros <= 0) return undefined;
  return Math.max(1, Math.round((brokerMicros * globalMaxBytes) / 1_000_000));
}
