import path from 'node:path';
import { SambandError } from '@samband/errors';
import { readProcess } from '@samband/processes';
import { canonicalJson } from '@samband/resources';
import type { BrokerSpec } from '@samband/topology';
import { brokersRoot, recordedBrokers, type BrokerFolder, type BrokerRecord } from './broker-folder.js';
import { withBrokerLock } from './broker-lock.js';
import { currentProcess } from './broker-process.js';
import { asksForMemory, assertMemory, type HostMemory, type Reserved } from './memory.js';
import { allocatePorts, areFree } from './ports.js';

/** The machine that brokers share. */
export interface Machine {
  readonly stateDir: string;
  /** Address the brokers listen at. */
  readonly host: string;
  /** Memory left for everything else. */
  readonly keepFreeMiB: number;
  /** What the kernel could hand out now, and all that there is. */
  readonly memory: () => Promise<Omit<HostMemory, 'keepFreeMiB'>>;
}

/**
 * The broker's record, brought up to the spec. The first one reserves memory and gets ports, for as long as the broker
 * exists: one that died finds both again. One that is to grow asks for memory as if it were new, and its record stays
 * as it was when there is none. One that was parked is as a new one. Throws MEMORY_EXHAUSTED.
 */
export async function recordFor(
  spec: BrokerSpec,
  folder: BrokerFolder,
  machine: Machine,
): Promise<BrokerRecord> {
  const known = await folder.readRecord();
  if (known !== undefined) assertOwner(known, spec);
  const { stateDir, host, keepFreeMiB } = machine;
  const memory = { ...(await machine.memory()), keepFreeMiB };
  const held = known?.parked === true ? undefined : known;
  if (held !== undefined && !asksForMemory(spec, held.spec, memory)) {
    const record = { ...held, spec };
    if (canonicalJson(record) !== canonicalJson(held)) await folder.writeRecord(record);
    return record;
  }
  // Under one lock for all: two brokers must not be given the same port, nor the same memory.
  return await withBrokerLock(path.join(brokersRoot(stateDir), '.locks', '.ports'), async () => {
    const all = await recordedBrokers(stateDir);
    const others = all.filter((one) => one.folder.id !== folder.id);
    const own = held === undefined ? undefined : await withResident({ folder, record: held });
    const rivals = others.filter(({ record }) => record.parked !== true);
    assertMemory(spec, own, await Promise.all(rivals.map(withResident)), {
      ...(await machine.memory()),
      keepFreeMiB,
    });
    const ports = held?.ports ?? (await portsFor(spec.id, host, known, others));
    const record = { spec, host: held?.host ?? host, ports };
    await folder.writeRecord(record);
    return record;
  });
}

/** One that was parked finds its ports again, unless somebody took them meanwhile. */
async function portsFor(
  id: string,
  host: string,
  parked: BrokerRecord | undefined,
  others: readonly { readonly record: BrokerRecord }[],
): Promise<BrokerRecord['ports']> {
  if (parked !== undefined && (await areFree(host, parked.ports))) return parked.ports;
  return await allocatePorts(id, host, portsOf(others));
}

/** The id comes from an annotation that tenants may write: it must not lead to the broker of another space. */
export function assertOwner({ spec }: BrokerRecord, owner: { namespace: string; space: string }): void {
  if (spec.namespace === owner.namespace && spec.space === owner.space) return;
  throw new SambandError(
    'CONFLICT',
    `the infrastructure ${spec.id} belongs to another address space: choose another name`,
  );
}

export function portsOf(brokers: readonly { readonly record: BrokerRecord }[]): Set<number> {
  return new Set(brokers.flatMap(({ record }) => Object.values(record.ports)));
}

async function withResident({
  folder,
  record,
}: {
  folder: BrokerFolder;
  record: BrokerRecord;
}): Promise<Reserved> {
  const found = await currentProcess(folder);
  const running = found === undefined ? undefined : await readProcess(found.pid);
  return { spec: record.spec, residentMiB: running?.residentMiB ?? 0 };
}
