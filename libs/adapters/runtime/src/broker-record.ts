import path from 'node:path';
import { SambandError } from '@samband/errors';
import { readProcess } from '@samband/processes';
import { canonicalJson } from '@samband/resources';
import type { BrokerSpec } from '@samband/topology';
import { brokersRoot, recordedBrokers, type BrokerFolder, type BrokerRecord } from './broker-folder.js';
import { withBrokerLock } from './broker-lock.js';
import { currentProcess } from './broker-process.js';
import { assertMemory } from './memory.js';
import { allocatePorts } from './ports.js';

/** The machine that brokers share. */
export interface Machine {
  readonly stateDir: string;
  /** Address the brokers listen at. */
  readonly host: string;
  /** Memory left for everything else. */
  readonly keepFreeMiB: number;
  /** What the kernel could hand out now. */
  readonly availableMiB: () => Promise<number>;
}

/**
 * The broker's record, brought up to the spec. The first one reserves memory and gets ports, for as long as the broker
 * exists: one that died finds both again. Throws MEMORY_EXHAUSTED.
 */
export async function recordFor(
  spec: BrokerSpec,
  folder: BrokerFolder,
  machine: Machine,
): Promise<BrokerRecord> {
  const known = await folder.readRecord();
  if (known !== undefined) {
    assertOwner(known, spec);
    const record = { ...known, spec };
    if (canonicalJson(record) !== canonicalJson(known)) await folder.writeRecord(record);
    return record;
  }
  const { stateDir, host, keepFreeMiB } = machine;
  // Under one lock for all: two new brokers must not be given the same port, nor the same memory.
  return await withBrokerLock(path.join(brokersRoot(stateDir), '.locks', '.ports'), async () => {
    const others = await recordedBrokers(stateDir);
    assertMemory(spec, await Promise.all(others.map(withResident)), {
      availableMiB: await machine.availableMiB(),
      keepFreeMiB,
    });
    const record = { spec, host, ports: await allocatePorts(spec.id, host, portsOf(others)) };
    await folder.writeRecord(record);
    return record;
  });
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
}): Promise<{ spec: BrokerSpec; residentMiB: number }> {
  const found = await currentProcess(folder);
  const running = found === undefined ? undefined : await readProcess(found.pid);
  return { spec: record.spec, residentMiB: running?.residentMiB ?? 0 };
}
