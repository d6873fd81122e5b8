import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { brokerFileNames } from '@samband/artemis';
import { createCa, issueCertificate, type KeyPair } from '@samband/certificates';
import { silentLogger } from '@samband/observability';
import { readProcess } from '@samband/processes';
import type { BrokerInstance, BrokerSpec } from '@samband/topology';
import { createProcessRuntime, type ProcessRuntime } from './process-runtime.js';
import { listBrokers, stopAllBrokers } from './state.js';

const artemisHome =
  process.env['ARTEMIS_HOME'] ?? path.join(homedir(), '.cache/samband/artemis/apache-artemis-2.56.0');
const now = new Date();
const spec = (id: string, changed: Partial<BrokerSpec> = {}): BrokerSpec => ({
  id,
  namespace: 'team1',
  space: id,
  heapMiB: 128,
  globalMaxBytes: 16 * 1024 * 1024,
  addressFullPolicy: 'FAIL',
  javaOptions: [],
  defaults: {},
  authentication: 'standard',
  ...changed,
});

let stateDir: string;
let ca: KeyPair;
let server: KeyPair;

beforeAll(async () => {
  if (!existsSync(artemisHome)) throw new Error(`no Artemis at ${artemisHome}: set ARTEMIS_HOME`);
  stateDir = await mkdtemp(path.join(tmpdir(), 'samband-runtime-'));
  ca = await createCa({ commonName: 'test', days: 2, now });
  server = await issueCertificate({
    ca,
    commonName: 'x',
    hosts: ['localhost'],
    days: 1,
    usage: 'server',
    now,
  });
});

afterAll(async () => {
  await stopAllBrokers(stateDir);
  await rm(stateDir, { recursive: true, force: true });
});

function newRuntime(changed: Partial<Parameters<typeof createProcessRuntime>[0]> = {}): ProcessRuntime {
  return createProcessRuntime({
    stateDir,
    cacheDir: path.join(stateDir, 'cache'),
    artemisHome,
    logger: silentLogger,
    makeArchive: false,
    ...changed,
  });
}

async function writeCertificates(runtime: ProcessRuntime, id: string): Promise<void> {
  await runtime.files(id).write({
    [brokerFileNames.tls]: server.key + server.certificate,
    [brokerFileNames.adminTls]: server.key + server.certificate,
    [brokerFileNames.adminCa]: ca.certificate,
  });
}

async function pidOf(id: string): Promise<number> {
  const { pid } = JSON.parse(await readFile(path.join(stateDir, 'brokers', id, 'pid.json'), 'utf8')) as {
    pid: number;
  };
  return pid;
}

/** The broker's own identity lies in its journal: the same id afterwards means the same data. */
async function nodeId(id: string): Promise<string> {
  const log = await readFile(path.join(stateDir, 'brokers', id, 'log', 'broker.log'), 'utf8');
  return [...log.matchAll(/nodeID=([0-9a-f-]+)/g)].at(-1)?.[1] ?? '';
}

async function until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const result = await probe();
    if (result !== undefined) return result;
    if (Date.now() > deadline) throw new Error(`waited too long: ${what}`);
    await sleep(50);
  }
}

async function handshake(instance: BrokerInstance): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = tls.connect({
      host: instance.host,
      port: instance.ports.amqps,
      ca: ca.certificate,
      servername: 'localhost',
    });
    socket.once('secureConnect', () => {
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      resolve(fingerprint256);
    });
    socket.once('error', reject);
  });
}

describe('brokers as processes of this machine', () => {
  it('start once for many callers, serve, and are adopted by another runtime', async () => {
    const first = newRuntime();
    await writeCertificates(first, '0000001');
    const [a, b] = await Promise.all([
      first.ensureBroker(spec('0000001')),
      first.ensureBroker(spec('0000001')),
    ]);
    expect(b).toEqual(a);
    expect(await handshake(a)).toMatch(/^[0-9A-F:]{95}$/);
    const second = newRuntime();
    expect(await second.inspectBroker('0000001')).toEqual(a);
    expect(await second.ensureBroker(spec('0000001'))).toEqual(a);
    expect(await listBrokers(stateDir)).toMatchObject([
      { id: '0000001', pid: await pidOf('0000001'), instance: a },
    ]);
    const { args = [] } = (await readProcess(await pidOf('0000001'))) ?? {};
    expect(args.filter((argument) => argument.includes('PRIVATE'))).toEqual([]);
  });

  it('are found again when nobody wrote down their pid, or wrote down a wrong one', async () => {
    const runtime = newRuntime();
    const before = await runtime.inspectBroker('0000001');
    const pidFile = path.join(stateDir, 'brokers', '0000001', 'pid.json');
    await unlink(pidFile);
    expect(await runtime.ensureBroker(spec('0000001'))).toEqual(before);
    await writeFile(pidFile, JSON.stringify({ pid: process.pid, startTime: '1@x', incarnation: 'y' }));
    expect(await runtime.ensureBroker(spec('0000001'))).toEqual(before);
    expect(await pidOf('0000001')).not.toBe(process.pid);
  });

  it('come back after kill -9, on the same ports, with their data', async () => {
    const restarted: BrokerInstance[] = [];
    const runtime = newRuntime({ onRestart: (_, instance) => restarted.push(instance) });
    const before = await runtime.ensureBroker(spec('0000001'));
    const identity = await nodeId('0000001');
    expect(identity).not.toBe('');
    const stop = runtime.supervise();
    try {
      process.kill(await pidOf('0000001'), 'SIGKILL');
      const after = await until('restart', () => Promise.resolve(restarted[0]));
      expect(after.ports).toEqual(before.ports);
      expect(after.incarnation).not.toBe(before.incarnation);
      expect(await nodeId('0000001')).toBe(identity);
      expect(await handshake(after)).toBeTruthy();
    } finally {
      await stop();
    }
  });

  it('stay stopped while they are parked, whoever looks after them, and come back with their data', async () => {
    const runtime = newRuntime();
    const before = await runtime.ensureBroker(spec('0000001'));
    const identity = await nodeId('0000001');
    const owner = { namespace: 'team1', space: '0000001' };
    await expect(runtime.parkBroker('0000001', { ...owner, namespace: 'team2' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(await runtime.inspectStore('0000001')).toBe('live');
    const stop = runtime.supervise();
    try {
      await runtime.parkBroker('0000001', owner);
      await runtime.parkBroker('0000001', owner);
      // Whoever was about to start it has its lock by now: a broker that is started after it shows that nothing came.
      await writeCertificates(runtime, '0000008');
      await runtime.ensureBroker(spec('0000008'));
      expect(await runtime.inspectBroker('0000001')).toBeUndefined();
    } finally {
      await stop();
    }
    await runtime.removeBroker('0000008');
    expect(await runtime.inspectStore('0000001')).toBe('parked');
    expect(await runtime.inspectStore('0000008')).toBe('none');
    const after = await runtime.ensureBroker(spec('0000001', { heapMiB: 144 }));
    expect(after.ports).toEqual(before.ports);
    expect(await nodeId('0000001')).toBe(identity);
    expect(await runtime.inspectStore('0000001')).toBe('live');
    await runtime.ensureBroker(spec('0000001'));
  });

  it('are restarted for what they only read at start, and for nothing else', async () => {
    const runtime = newRuntime();
    const before = await runtime.ensureBroker(spec('0000001'));
    const changed = await runtime.ensureBroker(spec('0000001', { defaults: { maxDeliveryAttempts: 7 } }));
    expect(changed.incarnation).not.toBe(before.incarnation);
    expect(changed.ports).toEqual(before.ports);
    await runtime.files('0000001').write({ [brokerFileNames.users]: 'someone = secret\n' });
    const same = await runtime.ensureBroker(spec('0000001', { defaults: { maxDeliveryAttempts: 7 } }));
    expect(same).toEqual(changed);
  });

  it('survive the death of the process that is starting them', async () => {
    await writeCertificates(newRuntime(), '0000002');
    const starter = startInAnotherProcess('0000002');
    const folder = path.join(stateDir, 'brokers', '0000002');
    const log = await until('a log', async () =>
      (await readdir(folder)).includes('log') && (await readdir(path.join(folder, 'log'))).length > 0
        ? true
        : undefined,
    );
    expect(log).toBe(true);
    starter.kill('SIGKILL');
    const instance = await newRuntime().ensureBroker(spec('0000002'));
    expect(await handshake(instance)).toBeTruthy();
    const all = await listBrokers(stateDir);
    expect(new Set(all.flatMap(({ ports }) => Object.values(ports))).size).toBe(6);
  });

  it('say who has their port, and do not take another', async () => {
    const runtime = newRuntime();
    const { ports } = await runtime.ensureBroker(spec('0000002'));
    await stopAllBrokers(stateDir);
    const thief = createServer();
    await new Promise<void>((resolve) => thief.listen(ports.amqp, '127.0.0.1', resolve));
    try {
      await expect(runtime.ensureBroker(spec('0000002'))).rejects.toMatchObject({
        code: 'BROKER_START_FAILED',
        message: expect.stringContaining(`port ${ports.amqp} (amqp)`),
      });
    } finally {
      await new Promise((resolve) => thief.close(resolve));
    }
    expect((await runtime.ensureBroker(spec('0000002'))).ports).toEqual(ports);
  });

  it('that cannot start say why, with the end of their log', async () => {
    const runtime = newRuntime();
    await expect(runtime.ensureBroker(spec('0000003'))).rejects.toMatchObject({
      code: 'BROKER_START_FAILED',
      message: expect.stringContaining('certificates'),
    });
    await writeCertificates(runtime, '0000003');
    await expect(
      runtime.ensureBroker(spec('0000003', { javaOptions: ['-XX:NoSuchOption'] })),
    ).rejects.toMatchObject({
      code: 'BROKER_START_FAILED',
      message: expect.stringContaining('NoSuchOption'),
    });
    await runtime.removeBroker('0000003');
  });

  it('are not given to another space that claims the same id', async () => {
    const runtime = newRuntime();
    const thief = { namespace: 'team2', space: 'mine' };
    await expect(runtime.ensureBroker(spec('0000002', thief))).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(runtime.removeBroker('0000002', thief)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await runtime.inspectBroker('0000002')).toBeDefined();
  });

  it('are refused where memory does not suffice, and leave nothing that would be started later', async () => {
    const full = newRuntime({ keepFreeMiB: 1_000_000_000 });
    await expect(full.ensureBroker(spec('0000009'))).rejects.toMatchObject({ code: 'MEMORY_EXHAUSTED' });
    expect((await listBrokers(stateDir)).map(({ id }) => id)).not.toContain('0000009');
    expect(await full.ensureBroker(spec('0000002'))).toEqual(await full.inspectBroker('0000002'));
  });

  it('start from the class archive', async () => {
    const runtime = newRuntime();
    await runtime.prepareArchive();
    const archives = await readdir(path.join(stateDir, 'cache'));
    expect(archives.sort()).toEqual([
      expect.stringMatching(/^artemis-classes-[0-9a-f]{16}\.jsa$/),
      expect.stringMatching(/^samband-broker-[0-9a-f]{16}\.jar$/),
    ]);
    process.kill(await pidOf('0000002'), 'SIGKILL');
    await until('end', async () =>
      (await runtime.inspectBroker('0000002')) === undefined ? true : undefined,
    );
    await runtime.ensureBroker(spec('0000002'));
    const maps = await readFile(`/proc/${await pidOf('0000002')}/maps`, 'utf8');
    expect(maps).toContain(archives[0]);
  });

  it('leave nothing behind when they are removed', async () => {
    const runtime = newRuntime();
    await runtime.ensureBroker(spec('0000001'));
    const pids = await Promise.all(['0000001', '0000002'].map(pidOf));
    await runtime.removeBroker('0000001', { namespace: 'team1', space: '0000001' });
    await runtime.removeBroker('0000002');
    await runtime.removeBroker('0000002');
    expect(await Promise.all(pids.map(readProcess))).toEqual([undefined, undefined]);
    expect(await readdir(path.join(stateDir, 'brokers'))).toEqual(['.locks']);
    expect(await readdir(path.join(stateDir, 'brokers', '.locks'))).toEqual([]);
    expect(await runtime.inspectBroker('0000001')).toBeUndefined();
  });
});

/** A worker of its own, to be killed. It runs the built code, as workers do: `tsc -b` has to come first. */
function startInAnotherProcess(id: string): ChildProcess {
  const code = `
    import { createProcessRuntime } from '@samband/runtime';
    const options = JSON.parse(process.argv[1]);
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    await createProcessRuntime({ ...options.runtime, logger: quiet, makeArchive: false }).ensureBroker(options.spec);
  `;
  const runtime = { stateDir, cacheDir: path.join(stateDir, 'cache'), artemisHome };
  return spawn(
    process.execPath,
    [
      '--conditions=@samband/none',
      '--input-type=module',
      '-e',
      code,
      JSON.stringify({ runtime, spec: spec(id) }),
    ],
    {
      cwd: path.resolve(import.meta.dirname, '..'),
      stdio: 'ignore',
    },
  );
}
