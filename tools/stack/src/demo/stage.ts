import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logs } from '../logs.js';
import { StackRunningError } from '../lock.js';
import { readStackEnv, type StackEnv } from '../stack-env.js';
import { repository, startStack } from '../stack.js';
import { stateDir, type StateDir } from '../state.js';

/** The stack that the demo plays on. */
export interface Stage {
  readonly env: StackEnv;
  readonly state: StateDir;
  /** How it came about, for people. */
  readonly how: string;
  /** There when the demo started it for itself: stops it. */
  readonly stop?: () => Promise<void>;
}

const startDeadlineMs = 120_000;

/**
 * A running stack is played on as it is. Else one is started: for the demo alone, or with `keep` as a process of
 * its own that goes on afterwards.
 */
export async function setStage(
  keep: boolean,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<Stage> {
  const state = stateDir(path.join(repository, '.samband'));
  if (keep) return keptStack(state, signal);
  try {
    const stack = await startStack({ log, signal });
    const how = `the local stack is ready after ${(stack.startedIn / 1000).toFixed(1)} s`;
    return { env: stack.env, state, how, stop: () => stack.stop() };
  } catch (error) {
    if (error instanceof StackRunningError) return runningStack(state, error.owner.pid);
    throw error;
  }
}

async function runningStack(state: StateDir, pid: number): Promise<Stage> {
  const env = await awaitEnv(state, () => undefined);
  return { env, state, how: `the running stack is used (process ${pid})` };
}

async function keptStack(state: StateDir, signal: AbortSignal): Promise<Stage> {
  const began = Date.now();
  const known = await readStackEnv(state.env);
  if (known !== undefined) {
    return { env: known, state, how: 'the running stack is used' };
  }
  mkdirSync(state.root, { recursive: true, mode: 0o700 });
  const logs = new Logs(state.logs);
  const log = openSync(logs.file('supervisor'), 'w', 0o600);
  const child = spawn(process.execPath, [path.join(repository, 'tools/bootstrap/start.mjs')], {
    cwd: repository,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  const ended = new AbortController();
  child.once('exit', () => {
    ended.abort();
  });
  const env = await awaitEnv(state, async () => {
    signal.throwIfAborted();
    if (!ended.signal.aborted) return;
    throw new Error(['the stack does not start:', ...(await logs.tail('supervisor', 20))].join('\n'));
  });
  const took = ((Date.now() - began) / 1000).toFixed(1);
  return {
    env,
    state,
    how: `the local stack is ready after ${took} s, and goes on after the demo; to stop it: kill ${child.pid ?? 0}`,
  };
}

async function awaitEnv(state: StateDir, check: () => void | Promise<void>): Promise<StackEnv> {
  const deadline = Date.now() + startDeadlineMs;
  for (;;) {
    const env = await readStackEnv(state.env);
    if (env !== undefined) return env;
    await check();
    if (Date.now() > deadline) throw new Error(`no ${state.env} within ${startDeadlineMs / 1000} s`);
    await sleep(100);
  }
}
