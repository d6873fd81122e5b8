import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../scenario.js';

export interface Twin {
  readonly process: ChildProcess;
  /** Ends it as an operator would. */
  end(): Promise<void>;
}

/** A second process of a part, with the very environment of the first one, on the same state. */
export async function twinOf({ stage }: World, name: 'worker' | 'controller'): Promise<Twin> {
  const first = stage.stack.parts().find((part) => part.name === name)?.pid;
  if (first === undefined) throw new Error(`there is no ${name} to be a twin of`);
  const read = (file: string): string[] =>
    readFileSync(`/proc/${first}/${file}`, 'utf8').split('\0').slice(0, -1);
  const env = Object.fromEntries(
    read('environ').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const [command = '', ...args] = read('cmdline');
  const file = path.join(stage.stack.state.logs, `${name}-twin.log`);
  const log = openSync(file, 'a');
  const child = spawn(command, args, {
    // Its health would be served where the first one serves its own.
    env: { ...env, SAMBAND_METRICS_PORT: '0' },
    stdio: ['ignore', log, log],
  });
  await works(child, file);
  return {
    process: child,
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const killing = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await once(child, 'exit');
      clearTimeout(killing);
    },
  };
}

/** Until it says that it is ready. */
async function works(child: ChildProcess, log: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (/"message":"(ready|everything is signalled)"/.test(readFileSync(log, 'utf8'))) return;
    if (child.exitCode !== null) break;
    await sleep(200);
  }
  throw new Error(`the second process does not become ready:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
}
