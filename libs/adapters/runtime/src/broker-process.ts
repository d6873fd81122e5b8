import { createHash } from 'node:crypto';
import path from 'node:path';
import {
  brokerFileNames,
  brokerUserFiles,
  javaCommand,
  renderEtc,
  type BrokerLayout,
} from '@samband/artemis';
import { SambandError } from '@samband/errors';
import { isGone, readIfThere, writeAtomically, type ProcessIdentity } from '@samband/processes';
import { canonicalJson } from '@samband/resources';
import type { BrokerInstance } from '@samband/topology';
import type { BrokerFolder, BrokerRecord } from './broker-folder.js';
import { awaitPorts, digestArgument, end, findBroker, launch, recogniseBroker } from './launch.js';
import { assertFree } from './ports.js';

/** How long the threads of a killed broker may take to end: they write out what they hold. */
const dyingMs = 10_000;

/** What brokers on this machine have in common. */
export interface HostSettings {
  readonly artemisHome: string;
  readonly java: string;
  readonly kubernetes: BrokerLayout['kubernetes'];
  readonly startTimeoutMs: number;
  /** Of what is ours in a broker; made where it is missing. */
  readonly jar: () => Promise<string>;
  /** Of the class archive, when it was made. */
  readonly archive: () => Promise<string | undefined>;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (what: string) => void;
}

export interface FoundProcess extends ProcessIdentity {
  readonly digest: string | undefined;
}

/**
 * The process of a broker as it is now. A pid alone is never trusted: the process must have been started with
 * the broker's folder as its last argument. One that nobody wrote down (whoever started it was killed in
 * between) is found by that as well.
 */
export async function currentProcess(folder: BrokerFolder): Promise<FoundProcess | undefined> {
  const noted = await notedProcess(folder);
  const found = noted === undefined ? undefined : await recogniseBroker(noted.pid, folder.path);
  if (found !== undefined && found.startTime === noted?.startTime) return found;
  return await findBroker(folder.path);
}

/**
 * Ends a broker. Call it under the broker's lock. One that was killed loses its arguments before its last threads
 * have ended and given its ports back, so the process that was written down is waited for as well.
 * @returns whether it ran
 */
export async function endBroker(folder: BrokerFolder): Promise<boolean> {
  const running = await currentProcess(folder);
  if (running !== undefined) await end(running);
  const noted = await notedProcess(folder);
  if (noted !== undefined) await isGone(noted, dyingMs);
  return running !== undefined;
}

/**
 * Brings a broker to run as its record says. Call it under the broker's lock. A process that runs with the same
 * files and options is left alone, another one is ended first.
 * @returns whether a new process was started
 */
export async function runBroker(
  folder: BrokerFolder,
  record: BrokerRecord,
  settings: HostSettings,
  { signal, onProgress }: RunOptions = {},
): Promise<{ instance: BrokerInstance; started: boolean }> {
  const layout = layoutOf(folder, record, settings);
  const etc = renderEtc(record.spec, layout);
  const { artemisHome } = settings;
  const jar = await settings.jar();
  const { args } = javaCommand(record.spec, layout, { artemisHome, jar });
  const digest = createHash('sha256').update(canonicalJson({ etc, args })).digest('hex').slice(0, 32);
  const wait = {
    folder: folder.path,
    log: folder.log,
    host: record.host,
    ports: Object.values(record.ports),
    timeoutMs: settings.startTimeoutMs,
    ...(signal === undefined ? {} : { signal }),
  };

  const running = await currentProcess(folder);
  if (running !== undefined) {
    if (running.digest === digest) {
      onProgress?.('the broker runs');
      await noteProcess(folder, running);
      await awaitPorts(running, wait);
      return { instance: instanceOf(record, running), started: false };
    }
    onProgress?.('stopping the broker: its settings have changed');
  }
  await endBroker(folder);

  await folder.prepare();
  await assertFilesAreThere(folder);
  for (const [name, content] of Object.entries(etc)) {
    await writeAtomically(path.join(folder.path, name), content);
  }
  await assertFree(record.host, record.ports);
  onProgress?.('starting the broker');
  const archive = await settings.archive();
  const command = javaCommand(record.spec, layout, {
    artemisHome,
    jar,
    ...(archive === undefined ? {} : { cdsArchive: archive }),
  });
  const identity = await launch({
    ...wait,
    java: settings.java,
    args: [digestArgument(digest), ...command.args],
    onStarted: async (started) => {
      await noteProcess(folder, started);
    },
  });
  onProgress?.('the broker runs');
  return { instance: instanceOf(record, identity), started: true };
}

export function instanceOf({ spec, host, ports }: BrokerRecord, identity: ProcessIdentity): BrokerInstance {
  return { id: spec.id, incarnation: incarnationOf(identity), host, ports };
}

function incarnationOf({ pid, startTime }: ProcessIdentity): string {
  return createHash('sha256').update(`${pid} ${startTime}`).digest('hex').slice(0, 16);
}

async function notedProcess(folder: BrokerFolder): Promise<ProcessIdentity | undefined> {
  const text = await readIfThere(folder.pidFile);
  const { pid, startTime } = (text === undefined ? {} : JSON.parse(text)) as Partial<ProcessIdentity>;
  return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : undefined;
}

async function noteProcess(folder: BrokerFolder, { pid, startTime }: ProcessIdentity): Promise<void> {
  const text = `${JSON.stringify({ pid, startTime, incarnation: incarnationOf({ pid, startTime }) })}\n`;
  if ((await readIfThere(folder.pidFile)) !== text) await writeAtomically(folder.pidFile, text);
}

/** Users may come later, so their files start empty; certificates have to be there. */
async function assertFilesAreThere(folder: BrokerFolder): Promise<void> {
  for (const name of brokerUserFiles) {
    const file = path.join(folder.path, name);
    if ((await readIfThere(file)) === undefined) await writeAtomically(file, '');
  }
  for (const name of [brokerFileNames.tls, brokerFileNames.adminTls, brokerFileNames.adminCa]) {
    const content = await readIfThere(path.join(folder.path, name));
    if (content === undefined || content === '') {
      throw new SambandError(
        'BROKER_START_FAILED',
        `the broker has no ${name} yet: write its certificates first`,
      );
    }
  }
}

function layoutOf(
  folder: BrokerFolder,
  { host, ports }: BrokerRecord,
  { kubernetes }: HostSettings,
): BrokerLayout {
  return { instanceDir: folder.path, host, ports, ...(kubernetes === undefined ? {} : { kubernetes }) };
}
