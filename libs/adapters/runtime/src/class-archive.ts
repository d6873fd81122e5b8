import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  brokerFileNames,
  brokerFolders,
  brokerUserFiles,
  brokerJar,
  javaCommand,
  renderEtc,
  type BrokerLayout,
} from '@samband/artemis';
import { createCa, issueCertificate } from '@samband/certificates';
import { writeAtomically } from '@samband/processes';
import type { BrokerSpec } from '@samband/topology';
import { withBrokerLock } from './broker-lock.js';
import { archiveKey } from './java.js';
import { digestArgument, end, findBroker, launch } from './launch.js';
import { allocatePorts } from './ports.js';

export interface ArchiveOptions {
  readonly cacheDir: string;
  readonly artemisHome: string;
  readonly java: string;
  /** Ports that belong to brokers. */
  readonly taken: ReadonlySet<number>;
  readonly timeoutMs: number;
}

const traineePrefix = 'archive-';

/** A broker that nobody uses, run once for the classes that it loads. */
const trainee: BrokerSpec = {
  id: 'archive',
  namespace: '-',
  space: '-',
  heapMiB: 128,
  globalMaxBytes: 16 * 1024 * 1024,
  addressFullPolicy: 'FAIL',
  javaOptions: [],
  defaults: {},
  authentication: 'standard',
};

/**
 * The archive of Artemis' classes (AppCDS) for this Java, if it was made: with it a broker starts in a third
 * of the time.
 */
export async function findArchive({
  cacheDir,
  artemisHome,
  java,
}: Omit<ArchiveOptions, 'taken' | 'timeoutMs'>): Promise<string | undefined> {
  const file = await archiveFile({ cacheDir, artemisHome, java });
  return await stat(file).then(
    () => file,
    () => undefined,
  );
}

/** Makes the archive unless it is there: a broker is started, stopped, and leaves its classes behind. About 6 s. */
export async function makeArchive(options: ArchiveOptions): Promise<string> {
  const file = await archiveFile(options);
  return await withBrokerLock(`${file}.lock`, async () => {
    await sweepTrainees(options.cacheDir);
    if ((await findArchive(options)) !== undefined) return file;
    await mkdir(options.cacheDir, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(path.join(options.cacheDir, traineePrefix));
    try {
      const archive = path.join(folder, 'classes.jsa');
      await train(folder, archive, options);
      await rename(archive, file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return file;
  });
}

/** A trainee whose maker was killed would run for ever: nobody else knows it. */
async function sweepTrainees(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (!name.startsWith(traineePrefix)) continue;
    const folder = path.join(cacheDir, name);
    const left = await findBroker(folder);
    if (left !== undefined) await end(left, 0);
    await rm(folder, { recursive: true, force: true });
  }
}

async function train(
  folder: string,
  archive: string,
  { cacheDir, artemisHome, java, taken, timeoutMs }: ArchiveOptions,
): Promise<void> {
  const ports = await allocatePorts(trainee.id, '127.0.0.1', taken);
  const layout: BrokerLayout = { instanceDir: folder, host: '127.0.0.1', ports };
  for (const name of brokerFolders) await mkdir(path.join(folder, name), { mode: 0o700 });
  const files = { ...renderEtc(trainee, layout), ...(await certificateFiles()) };
  for (const [name, content] of Object.entries(files))
    await writeAtomically(path.join(folder, name), content);
  for (const name of brokerUserFiles) await writeAtomically(path.join(folder, name), '');
  const jar = await brokerJar({ cacheDir, artemisHome, java });
  const { args } = javaCommand(trainee, layout, { artemisHome, jar, archiveAtExit: archive });
  const identity = await launch({
    java,
    args: [digestArgument('archive'), ...args],
    folder,
    log: path.join(folder, 'broker.log'),
    host: layout.host,
    ports: Object.values(ports),
    timeoutMs,
  });
  // The archive is written on the way out.
  await end(identity, timeoutMs);
}

async function certificateFiles(): Promise<Record<string, string>> {
  const now = new Date();
  const ca = await createCa({ commonName: trainee.id, days: 1, now });
  const { key, certificate } = await issueCertificate({
    ca,
    commonName: trainee.id,
    hosts: ['localhost'],
    days: 1,
    usage: 'server',
    now,
  });
  return {
    [brokerFileNames.tls]: key + certificate,
    [brokerFileNames.adminTls]: key + certificate,
    [brokerFileNames.adminCa]: ca.certificate,
  };
}

async function archiveFile({
  cacheDir,
  artemisHome,
  java,
}: Omit<ArchiveOptions, 'taken' | 'timeoutMs'>): Promise<string> {
  const { args } = javaCommand(
    trainee,
    { instanceDir: '/', host: '', ports: { amqp: 0, amqps: 0, admin: 0 } },
    { artemisHome, jar: await brokerJar({ cacheDir, artemisHome, java }) },
  );
  const classPath = args[args.indexOf('-cp') + 1] ?? '';
  return path.join(cacheDir, `artemis-classes-${await archiveKey(java, classPath)}.jsa`);
}
