import type { BrokerSpec } from '@samband/topology';
import { currentProcess, endBroker, instanceOf } from './broker-process.js';
import { recordedBrokers, type BrokerRecord } from './broker-folder.js';
import { withBrokerLock } from './broker-lock.js';
import type { BrokerInstance } from '@samband/topology';

export interface ListedBroker {
  readonly id: string;
  readonly spec: BrokerSpec;
  readonly host: string;
  readonly ports: BrokerRecord['ports'];
  /** Absent when it does not run. */
  readonly pid?: number;
  readonly instance?: BrokerInstance;
  readonly log: string;
}

/** Every broker of a state folder, running or not, sorted by id. */
export async function listBrokers(stateDir: string): Promise<ListedBroker[]> {
  const brokers = await recordedBrokers(stateDir);
  return await Promise.all(
    brokers.map(async ({ folder, record }) => {
      const found = await currentProcess(folder);
      return {
        id: folder.id,
        ...record,
        log: folder.log,
        ...(found === undefined ? {} : { pid: found.pid, instance: instanceOf(record, found) }),
      };
    }),
  );
}

/**
 * Ends every broker of a state folder; records and journals stay, so that the next supervisor starts them
 * again. End the supervisors first: a living one would.
 * @returns the ids of those that ran
 */
export async function stopAllBrokers(stateDir: string): Promise<string[]> {
  const brokers = await recordedBrokers(stateDir);
  const stopped = await Promise.all(
    brokers.map(
      async ({ folder }) =>
        await withBrokerLock(folder.lock, async () => ((await endBroker(folder)) ? [folder.id] : []), {
          waitMs: 30_000,
        }),
    ),
  );
  return stopped.flat();
}
