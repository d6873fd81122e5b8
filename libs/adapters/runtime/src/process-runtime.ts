import path from 'node:path';
import { brokerJar } from '@samband/artemis';
import type { Logger } from '@samband/observability';
import type { BrokerInstance, InfraRuntime } from '@samband/topology';
import { brokerFilesIn } from './broker-files.js';
import { BrokerFolder, recordedBrokers } from './broker-folder.js';
import { withBrokerLock } from './broker-lock.js';
import { currentProcess, endBroker, instanceOf, runBroker, type HostSettings } from './broker-process.js';
import { assertOwner, portsOf, recordFor, type Machine } from './broker-record.js';
import { findArchive, makeArchive } from './class-archive.js';
import { findJava } from './java.js';
import { machineMemory } from './memory.js';
import { supervise } from './supervisor.js';

export interface ProcessRuntimeOptions {
  /** Brokers live in `brokers/` below it; must be on a disk that keeps its files. */
  readonly stateDir: string;
  /** For what can be made again: the class archive. */
  readonly cacheDir: string;
  /** Unpacked Artemis distribution. */
  readonly artemisHome: string;
  readonly logger: Logger;
  /** Address the brokers listen at. Default 127.0.0.1. */
  readonly host?: string;
  /** API server that reviews service account tokens for the brokers; without it tokens are refused. */
  readonly kubernetes?: {
    readonly host: string;
    readonly port: number;
    readonly caFile: string;
    /** File with a token that may create TokenReviews; re-read at each review. */
    readonly tokenPath: string;
  };
  /** Default: `JAVA_HOME`, else the PATH. */
  readonly java?: string;
  /** How long a broker may take to serve. Default 120 s: recovery of a large journal. */
  readonly startTimeoutMs?: number;
  /** Memory that new brokers leave for everything else. Default 256. */
  readonly keepFreeMiB?: number;
  /** Makes the class archive in the background after the first start. Default true. */
  readonly makeArchive?: boolean;
  /** Called when a broker was found dead, before it is started. */
  readonly onDeath?: (id: string) => void;
  /** Called when a broker does not serve its tenants any more, before it is ended and started anew. */
  readonly onHang?: (id: string, what: string) => Promise<void>;
  /** Called when a broker has refused messages because it is full, every few seconds while it does. */
  readonly onRefusal?: (id: string) => void;
  /** Called after a broker that had died was started again. */
  readonly onRestart?: (id: string, instance: BrokerInstance) => void;
}

export interface ProcessRuntime extends InfraRuntime {
  /** Starts brokers that do not run, now and whenever one dies. @returns how to stop looking; brokers go on */
  supervise(): () => Promise<void>;
  /** Makes the class archive unless it is there; brokers started afterwards start in a third of the time. */
  prepareArchive(): Promise<void>;
}

/** Runs brokers as processes of one machine that outlive this one. See ADR 0004. */
export function createProcessRuntime(options: ProcessRuntimeOptions): ProcessRuntime {
  const { stateDir, artemisHome, logger } = options;
  const cacheDir = path.resolve(options.cacheDir);
  const startTimeoutMs = options.startTimeoutMs ?? 120_000;
  const machine: Machine = {
    stateDir,
    host: options.host ?? '127.0.0.1',
    keepFreeMiB: options.keepFreeMiB ?? 256,
    memory: machineMemory,
  };
  const folderOf = (id: string): BrokerFolder => new BrokerFolder(stateDir, id);

  async function settings(): Promise<HostSettings> {
    const java = options.java ?? (await findJava());
    const { kubernetes } = options;
    return {
      artemisHome,
      java,
      startTimeoutMs,
      kubernetes:
        kubernetes === undefined
          ? undefined
          : {
              host: kubernetes.host,
              port: kubernetes.port,
              tokenPath: kubernetes.tokenPath,
              caPath: kubernetes.caFile,
            },
      jar: async () => await brokerJar({ cacheDir, artemisHome, java }),
      archive: async () => await findArchive({ cacheDir, artemisHome, java }),
    };
  }

  async function prepareArchive(): Promise<void> {
    const java = options.java ?? (await findJava());
    const taken = portsOf(await recordedBrokers(stateDir));
    await makeArchive({ cacheDir, artemisHome, java, taken, timeoutMs: startTimeoutMs });
  }

  let archiving = options.makeArchive === false;
  function makeArchiveLater(): void {
    if (archiving) return;
    archiving = true;
    prepareArchive().catch((error: unknown) => {
      logger.warn('no class archive could be made; brokers start without', { error });
    });
  }

  return {
    prepareArchive,
    files: (id) => brokerFilesIn(folderOf(id).path),

    async ensureBroker(spec, run = {}) {
      const folder = folderOf(spec.id);
      const result = await withBrokerLock(
        folder.lock,
        async () => {
          const record = await recordFor(spec, folder, machine);
          return await runBroker(folder, record, await settings(), run);
        },
        run.signal === undefined ? {} : { signal: run.signal },
      );
      if (result.started) {
        logger.info('a broker was started', { broker: spec.id, ports: result.instance.ports });
        makeArchiveLater();
      }
      return result.instance;
    },

    async inspectBroker(id) {
      const folder = folderOf(id);
      const record = await folder.readRecord();
      const found = record === undefined ? undefined : await currentProcess(folder);
      return record === undefined || found === undefined ? undefined : instanceOf(record, found);
    },

    async inspectStore(id) {
      const folder = folderOf(id);
      const record = await folder.readRecord();
      if (record === undefined || !(await folder.hasJournal())) return 'none';
      const isParked = record.parked === true && (await currentProcess(folder)) === undefined;
      return isParked ? 'parked' : 'live';
    },

    async parkBroker(id, owner) {
      const folder = folderOf(id);
      await withBrokerLock(folder.lock, async () => {
        const record = await folder.readRecord();
        if (record === undefined) return;
        assertOwner(record, owner);
        // Before it ends: a supervisor that finds it dead must not start it again.
        if (record.parked !== true) await folder.writeRecord({ ...record, parked: true });
        if (await endBroker(folder)) logger.info('a broker was stopped, its journal is kept', { broker: id });
      });
    },

    async removeBroker(id, owner) {
      const folder = folderOf(id);
      await withBrokerLock(folder.lock, async () => {
        const record = await folder.readRecord();
        if (owner !== undefined && record !== undefined) assertOwner(record, owner);
        await endBroker(folder);
        await folder.remove();
      });
    },

    supervise: () =>
      supervise({
        stateDir,
        settings,
        logger,
        ...(options.onDeath === undefined ? {} : { onDeath: options.onDeath }),
        ...(options.onHang === undefined ? {} : { onHang: options.onHang }),
        ...(options.onRefusal === undefined ? {} : { onRefusal: options.onRefusal }),
        ...(options.onRestart === undefined ? {} : { onRestart: options.onRestart }),
      }),
  };
}
