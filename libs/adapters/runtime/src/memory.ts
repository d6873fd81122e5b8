import { readFile } from 'node:fs/promises';
import { SambandError } from '@samband/errors';
import type { BrokerSpec } from '@samband/topology';

/** Code, threads and network buffers of a broker, beside its heap: measured 120 to 190 MiB. */
const outsideHeapMiB = 160;

export function reservationMiB(spec: Pick<BrokerSpec, 'heapMiB'>): number {
  return spec.heapMiB + outsideHeapMiB;
}

/** What the kernel could hand out, MiB. */
export async function availableMiB(): Promise<number> {
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1];
  return Math.floor(Number(available ?? 0) / 1024);
}

/**
 * Throws MEMORY_EXHAUSTED when another broker does not fit into what is available, less what the others may yet grow
 * to.
 * @param others with what each has resident now, 0 when it does not run
 * @param host `keepFreeMiB` is left for everything else
 */
export function assertMemory(
  spec: BrokerSpec,
  others: readonly { readonly spec: BrokerSpec; readonly residentMiB: number }[],
  host: { readonly availableMiB: number; readonly keepFreeMiB: number },
): void {
  const growth = others.reduce(
    (sum, other) => sum + Math.max(0, reservationMiB(other.spec) - other.residentMiB),
    0,
  );
  const free = Math.max(0, host.availableMiB - growth - host.keepFreeMiB);
  const needed = reservationMiB(spec);
  if (free >= needed) return;
  throw new SambandError(
    'MEMORY_EXHAUSTED',
    `the host has ${free} MiB of memory left for brokers, this one needs ${needed} MiB; remove a space, or choose a smaller plan`,
  );
}
