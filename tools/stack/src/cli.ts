import path from 'node:path';
import { parseArgs } from 'node:util';
import { StackRunningError } from './lock.js';
import { repository, startStack, type Stack } from './stack.js';

/** npm passes Ctrl-C on although the terminal sent it already: two within this time are one. */
const sameSignalMs = 1_000;

/**
 * Calls back at the first Ctrl-C (or SIGTERM, or a closed terminal), and again when someone insists.
 *
 * @returns the way to stop listening
 */
export function onInterrupt(first: () => void, insisted: () => void): () => void {
  let at: number | undefined;
  const listener = (): void => {
    if (at === undefined) {
      at = Date.now();
      first();
    } else if (Date.now() - at > sameSignalMs) insisted();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, listener);
  return () => {
    for (const name of signals) process.off(name, listener);
  };
}

/** `npm start`: runs the stack until it is interrupted. Sets the exit code. */
export async function start(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { fresh: { type: 'boolean', default: false } } });
  process.stdout.on('error', () => undefined); // A closed terminal must not end the stop half-way.
  let stack: Stack | undefined;
  const interrupted = new AbortController();
  const over = new Promise<void>((resolve) => {
    onInterrupt(
      () => {
        console.log('\nStopping …');
        interrupted.abort();
        resolve();
      },
      () => {
        console.log('Killing what is left.');
        stack?.force();
        process.exit(130);
      },
    );
  });
  try {
    stack = await startStack({
      fresh: values.fresh,
      log: (line) => {
        console.log(`  ${line}`);
      },
      signal: interrupted.signal,
    });
    console.log(welcome(stack));
    await over;
    await stack.stop();
    console.log('Stopped. The state stays in .samband.');
  } catch (error) {
    if (interrupted.signal.aborted) {
      console.log('Stopped.');
      process.exitCode = 130;
      return;
    }
    process.exitCode = 1;
    console.error(error instanceof StackRunningError ? politely(error) : `\n${message(error)}`);
  }
  // Keep-alive sockets of probes would hold the process for seconds.
  process.exit();
}

/** What to say when a stack already runs here. */
export function politely(error: StackRunningError): string {
  return [
    `Samband already runs here: ${error.message}.`,
    `Its addresses are in .samband/stack.env. To stop it press Ctrl-C there, or: kill ${error.owner.pid}`,
  ].join('\n');
}

export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function welcome({ env, state, startedIn }: Stack): string {
  const relative = (file: string): string => path.relative(process.cwd(), file) || '.';
  const rows = [
    ['API', env.SAMBAND_API],
    ['API reference', `${env.SAMBAND_API}/api/openapi.json`],
    ['Webhooks', `${env.SAMBAND_API}/webhooks/{namespace}/{source}`],
    ['Temporal UI', env.TEMPORAL_UI],
    ['Temporal', env.TEMPORAL_ADDRESS],
    ['Kubernetes', `export KUBECONFIG=${relative(env.KUBECONFIG)}`],
    ['All of it', relative(state.env)],
    ['Logs', relative(state.logs)],
  ] as const;
  return [
    '',
    `Samband is ready after ${(startedIn / 1000).toFixed(1)} s.`,
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(15)}${value}`),
    '',
    `Ctrl-C stops everything; the state stays in ${path.relative(repository, state.root)} until npm start -- --fresh.`,
  ].join('\n');
}
