import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { startGuard } from './guard.js';

export interface ProcessGroup {
  /** Starts a program; its output goes to `<name>.log` in the folder. */
  start(name: string, file: string, args: readonly string[]): TestProcess;
  /** Kills whatever still runs. */
  stop(): Promise<void>;
}

export interface TestProcess {
  readonly pid: number;
  /** Resolves with a line that says how it ended. Never rejects. */
  readonly ended: Promise<string>;
  /** Sends the signal and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** The last lines of its log, for messages. */
  log(): string;
}

/** Processes that die with the one that started them, whatever kills it; `folder` is removed with them. */
export function createProcessGroup(folder: string): ProcessGroup {
  const guard = startGuard(folder);
  const running = new Set<TestProcess>();

  return {
    start(name, file, args) {
      const child = launch(path.join(folder, `${name}.log`), file, args);
      const { pid } = child;
      if (pid === undefined) throw new Error(`${name} could not be started from ${file}`);
      guard.add(pid);
      const ended = once(child, 'exit').then(([code, signal]: unknown[]) => {
        guard.drop(pid);
        running.delete(handle);
        return `${name} ended with ${String(signal ?? code)}`;
      });
      const handle: TestProcess = {
        pid,
        ended,
        kill: async (signal = 'SIGKILL') => {
          child.kill(signal);
          await ended;
        },
        log: () => tail(path.join(folder, `${name}.log`)),
      };
      running.add(handle);
      return handle;
    },
    async stop() {
      await Promise.all([...running].map((process) => process.kill()));
      guard.dismiss();
    },
  };
}

function launch(log: string, file: string, args: readonly string[]): ChildProcess {
  const fd = openSync(log, 'a', 0o600);
  try {
    return spawn(file, args, { stdio: ['ignore', fd, fd] }).on('error', () => undefined);
  } finally {
    closeSync(fd);
  }
}

function tail(log: string): string {
  return readFileSync(log, 'utf8').split('\n').slice(-15).join('\n');
}
