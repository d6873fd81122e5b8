import { readFile } from 'node:fs/promises';
import type { BrokerSpec } from '@samband/topology';

/** Code, threads and network buffers of a broker, beside its heap: measured 120 to 190 MiB. */
const outsideHeapMiB = 160;

export function reservationMiB(spec: Pick<BrokerSpec, 'heapMiB'>): number {
  return spec.heapMiB + outsideHeapMiB;
}

/**
 * Memory that another broker may still take, MiB: what the kernel could hand out, less what existing brokers
 * may yet grow to.
 * @param brokers with what each has resident now, 0 when it does not run
 * @param keepFreeMiB left for everything else on the host
 */
export async function freeMemoryMiB(
  brokers: readonly { readonly spec: BrokerSpec; readonly residentMiB: number }[],
  keepFreeMiB: number,
): Promise<number> {
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1];
  const growth = brokers.reduce(
    (sum, { spec, residentMiB }) => sum + Math.max(0, reservationMiB(spec) - residentMiB),
    0,
  );
  return Math.max(0, Math.floor(Number(available ?? 0) / 1024) - growth - keepFreeMiB);
}
