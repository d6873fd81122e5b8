import { SambandError } from '@samband/errors';
import {
  brokerSpecText,
  type BrokerFiles,
  type BrokerInstance,
  type BrokerSpec,
  type InfraRuntime,
} from '@samband/topology';
import { createMemoryBroker, type MemoryBroker } from './memory-broker.js';

interface Machine {
  spec: BrokerSpec;
  instance: BrokerInstance;
  isRunning: boolean;
  isParked: boolean;
  readonly broker: MemoryBroker;
}

export interface MemoryRuntime {
  readonly runtime: InfraRuntime;
  /** The broker of this id, with its journal. Throws when it was never started. */
  broker(id: string): MemoryBroker;
  /** Ids of brokers that were started and not removed. */
  ids(): string[];
  specOf(id: string): BrokerSpec | undefined;
  /** The process dies; its journal and ports stay. */
  kill(id: string): void;
  files(id: string): Record<string, string>;
  /** Free memory of the host, MiB, which a new broker must fit into; default plenty. */
  freeMemoryMiB: number;
}

/** Broker processes in memory: started once per spec, adopted, and with the same ports for ever. */
export function createMemoryRuntime(): MemoryRuntime {
  const machines = new Map<string, Machine>();
  const files = new Map<string, Map<string, string>>();
  const ports = new Map<string, BrokerInstance['ports']>();
  let starts = 0;

  const world: Omit<MemoryRuntime, 'runtime'> = {
    freeMemoryMiB: 100_000,
    broker: (id) => {
      const machine = machines.get(id);
      if (machine === undefined) throw new Error(`there is no broker ${id}`);
      return machine.broker;
    },
    ids: () => [...machines.keys()],
    specOf: (id) => machines.get(id)?.spec,
    kill: (id) => {
      const machine = machines.get(id);
      if (machine === undefined) return;
      machine.isRunning = false;
      machine.broker.restart();
    },
    files: (id) => Object.fromEntries(files.get(id) ?? []),
  };

  const runtime: InfraRuntime = {
    ensureBroker: (spec, options = {}) =>
      new Promise((resolve) => {
        options.signal?.throwIfAborted();
        const present = machines.get(spec.id);
        if (present === undefined || present.isParked) demandMemory(runtimeWorld.freeMemoryMiB, spec);
        if (present !== undefined) demandOwner(present, spec);
        if (present?.isRunning === true && brokerSpecText(present.spec) === brokerSpecText(spec)) {
          resolve(present.instance);
          return;
        }
        starts += 1;
        const base = 20_000 + ports.size * 3;
        const own = ports.get(spec.id) ?? { amqp: base, amqps: base + 1, admin: base + 2 };
        ports.set(spec.id, own);
        const incarnation = `incarnation-${starts}`;
        const instance = { id: spec.id, incarnation, host: '127.0.0.1', ports: own };
        const broker = present?.broker ?? createMemoryBroker();
        if (present !== undefined) broker.restart();
        machines.set(spec.id, { spec, instance, isRunning: true, isParked: false, broker });
        options.onProgress?.('started');
        resolve(instance);
      }),
    inspectBroker: (id) => {
      const machine = machines.get(id);
      return Promise.resolve(machine?.isRunning === true ? machine.instance : undefined);
    },
    inspectStore: (id) => {
      const machine = machines.get(id);
      return Promise.resolve(machine === undefined ? 'none' : machine.isParked ? 'parked' : 'live');
    },
    parkBroker: (id, owner) =>
      new Promise((resolve) => {
        const machine = machines.get(id);
        if (machine !== undefined) {
          demandOwner(machine, owner);
          machine.isParked = true;
          machine.isRunning = false;
          machine.broker.restart();
        }
        resolve();
      }),
    removeBroker: (id, owner) =>
      new Promise((resolve) => {
        const machine = machines.get(id);
        if (machine !== undefined && owner !== undefined) demandOwner(machine, owner);
        machine?.broker.restart();
        machines.delete(id);
        files.delete(id);
        resolve();
      }),
    files: (id) => filesOf(files, id),
  };
  const runtimeWorld: MemoryRuntime = Object.assign(world, { runtime });
  return runtimeWorld;
}

function demandMemory(freeMiB: number, { heapMiB }: BrokerSpec): void {
  if (freeMiB >= heapMiB) return;
  throw new SambandError(
    'MEMORY_EXHAUSTED',
    `the host has ${freeMiB} MiB left, this one needs ${heapMiB} MiB`,
  );
}

function demandOwner({ spec }: Machine, owner: { namespace: string; space: string }): void {
  if (spec.namespace === owner.namespace && spec.space === owner.space) return;
  throw new SambandError('CONFLICT', `broker ${spec.id} belongs to another space`);
}

function filesOf(all: Map<string, Map<string, string>>, id: string): BrokerFiles {
  return {
    write: (wanted) => {
      const present = all.get(id) ?? new Map<string, string>();
      all.set(id, present);
      const changed = Object.entries(wanted).filter(([name, text]) => present.get(name) !== text);
      for (const [name, text] of changed) present.set(name, text);
      return Promise.resolve(changed.map(([name]) => name));
    },
    read: (name) => Promise.resolve(all.get(id)?.get(name)),
  };
}
