import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { brokerFolders } from '@samband/artemis';
import { SambandError } from '@samband/errors';
import { hasErrno, readIfThere, writeAtomically } from '@samband/processes';
import type { BrokerInstance, BrokerSpec } from '@samband/topology';

/** What is remembered of a broker, whether it runs or not. Holds no secret. */
export interface BrokerRecord {
  readonly spec: BrokerSpec;
  readonly host: string;
  readonly ports: BrokerInstance['ports'];
  /** Its space is gone and its journal is kept: nobody starts it, and it holds no memory. */
  readonly parked?: true;
}

const removedMark = '.removed-';

/** One broker's place on disk: `<stateDir>/brokers/<id>`. */
export class BrokerFolder {
  readonly path: string;
  readonly log: string;
  readonly lock: string;
  private readonly record: string;
  readonly pidFile: string;

  /** @throws SambandError BAD_REQUEST for an id that could lead elsewhere */
  constructor(
    private readonly stateDir: string,
    readonly id: string,
  ) {
    if (!/^[a-z0-9]{1,40}$/.test(id)) {
      throw new SambandError(
        'BAD_REQUEST',
        `${JSON.stringify(id)} is no id of a broker: letters a to z and digits`,
      );
    }
    const root = brokersRoot(stateDir);
    this.path = path.join(root, id);
    this.log = path.join(this.path, 'log', 'broker.log');
    this.lock = path.join(root, '.locks', id);
    this.record = path.join(this.path, 'broker.json');
    this.pidFile = path.join(this.path, 'pid.json');
  }

  /** Makes what is missing; a folder that a crash left half made becomes whole. */
  async prepare(): Promise<void> {
    for (const name of [...brokerFolders, 'log']) {
      await mkdir(path.join(this.path, name), { recursive: true, mode: 0o700 });
    }
  }

  /** Whether the broker ever wrote something. */
  async hasJournal(): Promise<boolean> {
    try {
      return (await readdir(path.join(this.path, 'data'))).length > 0;
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return false;
      throw error;
    }
  }

  async readRecord(): Promise<BrokerRecord | undefined> {
    const text = await readIfThere(this.record);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as BrokerRecord;
    } catch {
      throw new SambandError('INTERNAL', `${this.record} cannot be read: restore it, or remove the broker`);
    }
  }

  async writeRecord(record: BrokerRecord): Promise<void> {
    await writeAtomically(this.record, `${JSON.stringify(record, undefined, 2)}\n`);
  }

  /** Takes the folder out of sight at once, then deletes it. */
  async remove(): Promise<void> {
    const removed = `${this.path}${removedMark}${randomBytes(6).toString('hex')}`;
    try {
      await rename(this.path, removed);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
    }
    await sweepRemoved(this.stateDir);
  }
}

/** Brokers that have a record, sorted by id. One with a spoilt record is left out: it must not stop the others. */
export async function recordedBrokers(
  stateDir: string,
): Promise<{ folder: BrokerFolder; record: BrokerRecord }[]> {
  const found: { folder: BrokerFolder; record: BrokerRecord }[] = [];
  for (const name of (await folderNames(stateDir)).sort()) {
    if (!/^[a-z0-9]{1,40}$/.test(name)) continue;
    const folder = new BrokerFolder(stateDir, name);
    const record = await folder.readRecord().catch(() => undefined);
    if (record !== undefined) found.push({ folder, record });
  }
  return found;
}

/** Deletes what removals have put out of sight, also those that a crash cut short. */
export async function sweepRemoved(stateDir: string): Promise<void> {
  for (const name of await folderNames(stateDir)) {
    if (name.includes(removedMark)) {
      await rm(path.join(brokersRoot(stateDir), name), { recursive: true, force: true });
    }
  }
}

export function brokersRoot(stateDir: string): string {
  return path.join(path.resolve(stateDir), 'brokers');
}

async function folderNames(stateDir: string): Promise<string[]> {
  try {
    return await readdir(brokersRoot(stateDir));
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
