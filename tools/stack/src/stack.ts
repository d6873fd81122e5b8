import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopAllBrokers } from '@samband/runtime';
import { findBinaries } from './binaries.js';
import { writeKubeconfigs } from './identities.js';
import { takeStackLock } from './lock.js';
import { Logs } from './logs.js';
import { partNames, type Gate, type PartName, type StackContext } from './part.js';
import { allParts } from './parts/index.js';
import { ensurePki } from './pki.js';
import { choosePorts } from './ports.js';
import { endLeftovers } from './processes.js';
import { removeStackEnv, stackEnv, writeStackEnv, type StackEnv } from './stack-env.js';
import { stateDir, type StateDir } from './state.js';
import { Supervisor, type PartStatus } from './supervisor.js';

export interface StackOptions {
  /** Folder of the state; a relative one counts from the repository. Default `.samband`. */
  readonly stateDir?: string;
  /** Forgets the state first. */
  readonly fresh?: boolean;
  /** Lines for people: what became ready, what crashed. Default: nobody listens. */
  readonly log?: (line: string) => void;
  /** Starts only these, e.g. to leave out the apps. Default all. */
  readonly parts?: readonly PartName[];
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal;
}

export interface Stack {
  readonly env: StackEnv;
  readonly state: StateDir;
  /** Milliseconds from the call to ready. */
  readonly startedIn: number;
  parts(): PartStatus[];
  /** Sends a signal to one part; the supervisor starts it again. */
  kill(name: PartName, signal: NodeJS.Signals): void;
  /** Stops everything, brokers included, in order. The state stays. Calling it again waits for the same stop. */
  stop(): Promise<void>;
  /** Kills everything at once; for those who will not wait for {@link stop}. */
  force(): void;
}

export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/**
 * Starts the whole stack and returns when every part answers.
 *
 * @throws StackRunningError when one already runs on the same state; any other error when a part does not
 *   start, after everything was stopped again
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const began = Date.now();
  const state = stateDir(path.resolve(repository, options.stateDir ?? '.samband'));
  const log = options.log ?? ((): void => undefined);
  const unlock = await takeStackLock(state.lock);
  let running: Running | undefined;
  try {
    await removeStackEnv(state.env);
    await cleanUp(state, options.fresh ?? false, log);
    const context = await prepare(state, log);
    const created = new Running(context, unlock, log);
    running = created;
    const onAbort = (): void => void created.stop();
    options.signal?.addEventListener('abort', onAbort);
    const env = await created.start(options.parts ?? partNames);
    options.signal?.removeEventListener('abort', onAbort);
    const startedIn = Date.now() - began;
    return {
      env,
      state,
      startedIn,
      parts: () => created.supervisor.status(),
      kill: (name, signal) => {
        created.supervisor.kill(name, signal);
      },
      stop: () => created.stop(),
      force: () => {
        created.supervisor.forceAll();
      },
    };
  } catch (error) {
    if (running === undefined) await unlock();
    else await running.stop();
    throw error;
  }
}

/** Ends what a killed supervisor left, and forgets the state when asked to. */
async function cleanUp(state: StateDir, fresh: boolean, log: (line: string) => void): Promise<void> {
  const leftovers = await endLeftovers(state.run);
  if (leftovers.length > 0) log(`ended what an earlier run left: ${leftovers.join(', ')}`);
  if (!fresh) return;
  await stopAllBrokers(state.root);
  for (const name of await readdir(state.root)) {
    if (!name.startsWith(path.basename(state.lock)))
      await rm(path.join(state.root, name), { recursive: true, force: true });
  }
}

async function prepare(state: StateDir, log: (line: string) => void): Promise<StackContext> {
  await mkdir(state.root, { recursive: true, mode: 0o700 });
  const binaries = findBinaries();
  const [{ ports, moved }, pki] = await Promise.all([choosePorts(state.ports), ensurePki(state.pki)]);
  if (moved.length > 0) log(`taken by other programs, so moved: ports of ${moved.join(', ')}`);
  // Running brokers know the API server by its port: with another one they must start anew.
  if (moved.includes('kubernetes')) await stopAllBrokers(state.root);
  const kubeconfigs = await writeKubeconfigs(state.root, pki, ports.kubernetes);
  return { repository, state, ports, binaries, pki, kubeconfigs, env: process.env };
}

/** What runs of a stack, and the order in which it ends. */
class Running {
  readonly supervisor: Supervisor;
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly context: StackContext,
    private readonly unlock: () => Promise<void>,
    private readonly log: (line: string) => void,
  ) {
    const logs = new Logs(context.state.logs);
    this.supervisor = new Supervisor({ logs, run: context.state.run, env: context.env, report: log });
  }

  async start(names: readonly PartName[]): Promise<StackEnv> {
    const { context, log } = this;
    const parts = allParts(context).filter((part) => names.includes(part.name));
    let token = '';
    const resources = {
      name: 'resources' as const,
      // Not the API server yet: the client takes most of a second to load, which is the time it needs to start.
      needs: ['etcd'] as const,
      pass: async (): Promise<void> => {
        const { provision } = await import('./setup/provision.js');
        await this.supervisor.ready('kube-apiserver');
        token = await provision(context.kubeconfigs.admin, context.repository);
      },
    };
    await this.supervisor.start(parts, [resources], (name: PartName | Gate, ms: number) => {
      log(`${name.padEnd(24)} ${(ms / 1000).toFixed(1).padStart(5)} s`);
    });
    const env = stackEnv(context.ports, context.kubeconfigs.admin, token);
    await writeStackEnv(context.state.env, env);
    return env;
  }

  stop(): Promise<void> {
    this.stopped ??= this.stopInOrder();
    return this.stopped;
  }

  private async stopInOrder(): Promise<void> {
    const { context, supervisor } = this;
    await removeStackEnv(context.state.env);
    await supervisor.stop(['api', 'controller', 'worker']);
    await stopAllBrokers(context.state.root);
    await supervisor.stop(['temporal', 'kube-controller-manager', 'kube-apiserver']);
    await supervisor.stop(['etcd']);
    supervisor.close();
    await this.unlock();
  }
}
