import { readFile } from 'node:fs/promises';
import { SambandError } from '@samband/errors';
import type { BrokerSpec } from '@samband/topology';

/** Code, threads and network buffers of a broker, beside its heap: measured 120 to 190 MiB. */
const outsideHeapMiB = 160;

export function reservationMiB(spec: Pick<BrokerSpec, 'heapMiB'>): number {
  return spec.heapMiB + outsideHeapMiB;
}

/** What the kernel could hand out now, and all that there is, MiB. */
export async function machineMemory(): Promise<{ availableMiB: number; totalMiB: number }> {
  const text = await readFile('/proc/meminfo', 'utf8');
  const ofLine = (line: RegExp): number => Math.floor(Number(line.exec(text)?.[1] ?? 0) / 1024);
  return {
    availableMiB: ofLine(/^MemAvailable:\s+(\d+) kB$/m),
    totalMiB: ofLine(/^MemTotal:\s+(\d+) kB$/m),
  };
}

/** A broker with what it has resident now, 0 when it does not run. */
export interface Reserved {
  readonly spec: BrokerSpec;
  readonly residentMiB: number;
}

/** The memory that brokers share; `keepFreeMiB` is left for everything else. */
export interface HostMemory {
  readonly availableMiB: number;
  readonly totalMiB: number;
  readonly keepFreeMiB: number;
}

/** What a record holds of the machine: nothing, where it names more than there is, which nobody can have been given. */
function heldMiB(spec: BrokerSpec, { totalMiB }: Pick<HostMemory, 'totalMiB'>): number {
  const reserved = reservationMiB(spec);
  return reserved > totalMiB ? 0 : reserved;
}

/** Whether a broker asks for memory that it does not hold yet: a new one, or one that is to grow. */
export function asksForMemory(
  spec: BrokerSpec,
  before: BrokerSpec | undefined,
  host: Pick<HostMemory, 'totalMiB'>,
): boolean {
  return before === undefined || reservationMiB(spec) > heldMiB(before, host);
}

/**
 * Throws MEMORY_EXHAUSTED when a broker does not fit into what is available, less what the others may yet grow to.
 * @param own the broker as it runs, when it is to grow: what it has now comes back when it is started anew
 */
export function assertMemory(
  spec: BrokerSpec,
  own: Reserved | undefined,
  others: readonly Reserved[],
  host: HostMemory,
): void {
  const growth = others.reduce(
    (sum, other) => sum + Math.max(0, heldMiB(other.spec, host) - other.residentMiB),
    0,
  );
  const free = Math.max(0, host.availableMiB + (own?.residentMiB ?? 0) - growth - host.keepFreeMiB);
  const needed = reservationMiB(spec);
  if (free >= needed) return;
  const goesOn =
    own === undefined
      ? ''
      : `; until then the broker goes on with the ${reservationMiB(own.spec)} MiB that it was started with`;
  throw new SambandError(
    'MEMORY_EXHAUSTED',
    `the host has ${free} MiB of memory left for ${own === undefined ? 'brokers' : 'this broker'}, this one needs ${needed} MiB; remove a space, or choose a smaller plan${goesOn}`,
  );
}
