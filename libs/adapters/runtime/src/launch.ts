import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SambandError } from '@samband/errors';
import {
  accepts,
  endProcess,
  findByLastArgument,
  identify,
  isRunning,
  readProcess,
  type ProcessIdentity,
} from '@samband/processes';
import { lastLines, readSince, rotate, sizeOf } from './log-file.js';

export interface LaunchOptions {
  readonly java: string;
  /** The last one is the broker's folder: by it the process is known again. */
  readonly args: readonly string[];
  readonly folder: string;
  readonly log: string;
  readonly host: string;
  readonly ports: readonly number[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onStarted?: (identity: ProcessIdentity) => Promise<void>;
}

/** What Artemis logs when it serves: `Server is now active`. */
const activeLine = 'AMQ221007';
const pollMs = 25;
const terminateMs = 10_000;

/**
 * Starts a broker in a session of its own, so that it outlives us, and waits until it serves. Throws
 * BROKER_START_FAILED with the end of its log when it dies or takes too long; it is then ended.
 */
export async function launch(options: LaunchOptions): Promise<ProcessIdentity> {
  await rotate(options.log);
  const offset = await sizeOf(options.log);
  const identity = await start(options);
  await options.onStarted?.(identity);
  try {
    await awaitServing(identity, options, async () =>
      (await readSince(options.log, offset)).includes(activeLine),
    );
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    await end(identity);
    const text = error instanceof Error ? error.message : 'it did not start';
    throw new SambandError(
      'BROKER_START_FAILED',
      `the broker ${text}; its log ends:\n${await lastLines(options.log, offset)}`,
    );
  }
  return identity;
}

/** Waits until a broker that was started before accepts connections. Throws BROKER_UNAVAILABLE. */
export async function awaitPorts(
  identity: ProcessIdentity,
  options: Omit<LaunchOptions, 'java' | 'args'>,
): Promise<void> {
  try {
    await awaitServing(identity, options, () => Promise.resolve(true));
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw new SambandError(
      'BROKER_UNAVAILABLE',
      `the broker ${error instanceof Error ? error.message : 'does not answer'}`,
    );
  }
}

/** Ends a broker: SIGTERM, which keeps its journal tidy, and SIGKILL when it does not go. Throws BROKER_UNAVAILABLE. */
export async function end(identity: ProcessIdentity, graceMs = terminateMs): Promise<void> {
  if ((await endProcess(identity, graceMs)) !== 'stuck') return;
  throw new SambandError(
    'BROKER_UNAVAILABLE',
    `the broker's process ${identity.pid} does not end, not even by SIGKILL`,
  );
}

/** The process of the broker in a folder, however it came to run; its digest tells what it runs with. */
export async function findBroker(
  folder: string,
): Promise<(ProcessIdentity & { digest: string | undefined }) | undefined> {
  for (const { pid, startTime, args } of await findByLastArgument(folder)) {
    const digest = digestOf(args);
    if (digest !== undefined) return { pid, startTime, digest };
  }
  return undefined;
}

/** As `findBroker`, for one pid: `undefined` when that is not the broker, but whoever got its number. */
export async function recogniseBroker(
  pid: number,
  folder: string,
): Promise<(ProcessIdentity & { digest: string | undefined }) | undefined> {
  const found = await readProcess(pid);
  const digest = found?.args.at(-1) === folder ? digestOf(found.args) : undefined;
  return found === undefined || digest === undefined
    ? undefined
    : { pid, startTime: found.startTime, digest };
}

const digestOption = '-Dsamband.digest=';

/** Says what a broker was started with, for everyone who can see the process. */
export function digestArgument(digest: string): string {
  return digestOption + digest;
}

function digestOf(args: readonly string[]): string | undefined {
  return args.find((argument) => argument.startsWith(digestOption))?.slice(digestOption.length);
}

async function start({ java, args, folder, log }: LaunchOptions): Promise<ProcessIdentity> {
  const handle = await open(log, 'a', 0o600);
  try {
    const child = spawn(java, args, {
      cwd: folder,
      detached: true,
      stdio: ['ignore', handle.fd, handle.fd],
      // Nothing of our own environment: it may hold what a broker must not see.
      env: {
        PATH: process.env['PATH'],
        LANG: 'C.UTF-8',
        ...(process.env['TZ'] === undefined ? {} : { TZ: process.env['TZ'] }),
      },
    });
    const { pid } = child;
    if (pid === undefined) {
      const [cause] = (await once(child, 'error')) as [unknown];
      throw new SambandError('BROKER_START_FAILED', 'java could not be started', { cause });
    }
    child.unref();
    const started = identify(pid);
    if (started === undefined)
      throw new SambandError('BROKER_START_FAILED', 'java ended as soon as it was started');
    return started;
  } finally {
    await handle.close();
  }
}

async function awaitServing(
  identity: ProcessIdentity,
  { host, ports, timeoutMs, signal }: Pick<LaunchOptions, 'host' | 'ports' | 'timeoutMs' | 'signal'>,
  isActive: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    if (!isRunning(identity)) throw new Error('ended while it started');
    if ((await isActive()) && (await all(ports, async (port) => await accepts(host, port)))) return;
    if (performance.now() > deadline)
      throw new Error(`did not serve within ${Math.round(timeoutMs / 1000)} s`);
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}

async function all(ports: readonly number[], holds: (port: number) => Promise<boolean>): Promise<boolean> {
  return (await Promise.all(ports.map(holds))).every(Boolean);
}
