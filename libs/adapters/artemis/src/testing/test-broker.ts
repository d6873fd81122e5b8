import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { connectAmqp, type AmqpConnection, type AmqpOptions } from '@samband/amqp';
import { createProcessGroup, eventually, freePorts, type TestProcess } from '@samband/testing';
import type { BrokerAccess, BrokerSpec, UserCredential } from '@samband/topology';
import { renderEtc } from '../etc/render-etc.js';
import { brokerJar } from '../java/broker-jar.js';
import { javaCommand } from '../java-command.js';
import { brokerFolders, brokerUserFiles, type BrokerLayout } from '../layout.js';
import { adminServerName } from '../names.js';
import { renderTlsFiles } from '../users/tls-files.js';
import { renderUserFiles } from '../users/user-files.js';
import { makeVerifier } from '../users/verifier.js';
import { createTestAuthority, type TestAuthority } from './test-certificates.js';

export interface TestBrokerOptions {
  readonly spec?: Partial<BrokerSpec>;
  readonly kubernetes?: BrokerLayout['kubernetes'];
  /** Changes a rendered file before it is written, for experiments. */
  readonly edit?: (name: string, text: string) => string;
}

/** A real broker for one test file. */
export interface TestBroker {
  readonly spec: BrokerSpec;
  readonly layout: BrokerLayout;
  readonly authority: TestAuthority;
  readonly probePassword: string;
  access(): BrokerAccess;
  /** Passwords by user name; `undefined` makes a service account. Replaces all users there were. */
  setUsers(users: Readonly<Record<string, string | undefined>>): Promise<void>;
  /** Writes files by atomic renames, as the runtime does. */
  write(files: Readonly<Record<string, string>>): Promise<string[]>;
  /** A connection of a tenant over TLS. */
  connect(options: Partial<AmqpOptions>): Promise<AmqpConnection>;
  restart(signal?: NodeJS.Signals): Promise<void>;
  /** Of the process that runs now. */
  pid(): number;
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** Kept beside what the bootstrap makes, for all test files. */
export function testBrokerJar(): Promise<string> {
  const cacheDir = process.env['SAMBAND_CACHE_DIR'] ?? path.join(os.homedir(), '.cache/samband');
  return brokerJar({ cacheDir, artemisHome: artemisHome(), java: 'java' });
}

/** The unpacked distribution: `ARTEMIS_HOME`, else where the bootstrap puts it. */
export function artemisHome(): string {
  const cached = path.join(os.homedir(), '.cache/samband/artemis');
  const candidates = [process.env['ARTEMIS_HOME'], cached, path.join(cached, 'apache-artemis-2.56.0')];
  const home = candidates.find(
    (candidate) => candidate !== undefined && existsSync(path.join(candidate, 'lib')),
  );
  if (home === undefined) throw new Error(`no Artemis in ${cached}: run the bootstrap or set ARTEMIS_HOME`);
  return home;
}

export async function startTestBroker(options: TestBrokerOptions = {}): Promise<TestBroker> {
  const instanceDir = await mkdtemp(path.join(os.tmpdir(), 'samband-broker-'));
  const processes = createProcessGroup(instanceDir);
  const [amqp = 0, amqps = 0, admin = 0] = await freePorts(3);
  const layout: BrokerLayout = {
    instanceDir,
    host: '127.0.0.1',
    ports: { amqp, amqps, admin },
    ...(options.kubernetes === undefined ? {} : { kubernetes: options.kubernetes }),
  };
  const spec: BrokerSpec = {
    id: 'a1b2c3d',
    namespace: 'team1',
    space: 'app',
    heapMiB: 256,
    globalMaxBytes: 64 * 1024 * 1024,
    addressFullPolicy: 'PAGE',
    javaOptions: [],
    defaults: {},
    authentication: 'standard',
    ...options.spec,
  };
  const authority = await createTestAuthority();
  const adminClient = await authority.issue('CN=samband-admin');
  const probePassword = 'probe-password';
  let incarnation = 0;
  let broker: TestProcess | undefined;

  const write = async (files: Readonly<Record<string, string>>): Promise<string[]> => {
    const written: string[] = [];
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(instanceDir, name);
      if ((await readFile(file, 'utf8').catch(() => undefined)) === text) continue;
      await writeFile(`${file}.new`, text, { mode: 0o600 });
      await rename(`${file}.new`, file);
      written.push(name);
    }
    return written;
  };
  const setUsers: TestBroker['setUsers'] = async (users) => {
    const credentials = await Promise.all(
      Object.entries(users).map(async ([username, password]): Promise<UserCredential> =>
        password === undefined
          ? { username, kind: 'serviceaccount' }
          : { username, kind: 'password', verifier: await makeVerifier(password) },
      ),
    );
    await write(renderUserFiles({ credentials, probe: await makeVerifier(probePassword) }));
  };
  const connect: TestBroker['connect'] = (extra) =>
    connectAmqp({
      host: layout.host,
      port: amqps,
      tls: { ca: authority.ca },
      containerId: 'test',
      timeoutMs: 10_000,
      ...extra,
    });
  const access = (): BrokerAccess => ({
    instance: { id: spec.id, incarnation: String(incarnation), host: layout.host, ports: layout.ports },
    admin: { ca: authority.ca, certificate: adminClient.certificate, key: adminClient.key },
  });
  const start = async (): Promise<void> => {
    incarnation += 1;
    const { file, args } = javaCommand(spec, layout, {
      artemisHome: artemisHome(),
      jar: await testBrokerJar(),
    });
    const started = processes.start('broker', file, args);
    broker = started;
    let end: string | undefined;
    void started.ended.then((how) => (end = how));
    await eventually(
      async () => {
        if (end !== undefined) return true;
        const { admin: credentials } = access();
        const connection = await connectAmqp({
          host: layout.host,
          port: admin,
          tls: {
            ca: credentials.ca,
            cert: credentials.certificate,
            key: credentials.key,
            servername: adminServerName(spec.id),
          },
          mechanism: 'EXTERNAL',
          containerId: 'test-readiness',
          timeoutMs: 2000,
        });
        await connection.close();
        return true;
      },
      { timeoutMs: 60_000, intervalMs: 100 },
    ).catch((error: unknown) => {
      throw new Error(`the broker does not answer: ${String(error)}\n${started.log()}`);
    });
    if (end !== undefined) throw new Error(`${end}\n${started.log()}`);
  };
  const stop = async (): Promise<void> => {
    await processes.stop();
    await rm(instanceDir, { recursive: true, force: true });
  };

  try {
    for (const folder of brokerFolders) await mkdir(path.join(instanceDir, folder), { recursive: true });
    await write(Object.fromEntries(brokerUserFiles.map((name) => [name, ''])));
    await setUsers({});
    const etc = Object.entries(renderEtc(spec, layout));
    await write(Object.fromEntries(etc.map(([name, text]) => [name, options.edit?.(name, text) ?? text])));
    await write(
      renderTlsFiles({
        tenants: await authority.issue('CN=broker', { dns: ['localhost'], ip: ['127.0.0.1'] }),
        admin: await authority.issue('CN=broker-admin', { dns: [adminServerName(spec.id)] }),
        adminCa: authority.ca,
      }),
    );
    await start();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    spec,
    layout,
    authority,
    probePassword,
    access,
    setUsers,
    write,
    connect,
    restart: async (signal = 'SIGKILL') => {
      await broker?.kill(signal);
      await start();
    },
    pid: () => broker?.pid ?? 0,
    log: () => readFile(path.join(instanceDir, 'broker.log'), 'utf8'),
    stop,
  };
}
