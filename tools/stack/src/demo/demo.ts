import path from 'node:path';
import { parseArgs } from 'node:util';
import { createResourceStore } from '@samband/kubernetes';
import { message, onInterrupt } from '../cli.js';
import { Narrator } from './narrator.js';
import { setStage, type Stage } from './stage.js';
import { tellStory } from './story.js';

/** `npm run demo`: tells the story on a stack. The exit code is 0 only if all of it happened. */
export async function demo(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { keep: { type: 'boolean', default: false } } });
  process.stdout.on('error', () => undefined); // A closed pipe must not leave a stack behind.
  const narrator = new Narrator();
  const interrupted = new AbortController();
  let stage: Stage | undefined;
  onInterrupt(
    () => {
      console.log('\nStopping …');
      interrupted.abort();
    },
    () => process.exit(130),
  );
  try {
    narrator.chapter('The stack');
    const log = (line: string): void => {
      narrator.say(`  ${line}`);
    };
    stage = await setStage(values.keep, log, interrupted.signal);
    narrator.say(stage.how);
    await untilInterrupted(play(stage, narrator), interrupted.signal);
    console.log(`\nAll of it happened, in ${narrator.elapsed}.`);
    process.exitCode = 0;
  } catch (error) {
    process.exitCode = interrupted.signal.aborted ? 130 : 1;
    console.error(interrupted.signal.aborted ? 'Interrupted.' : `\nIt did not happen: ${message(error)}`);
  }
  if (stage?.stop !== undefined) {
    const began = Date.now();
    await stage.stop();
    console.log(`Stopped in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
  }
  // Sockets of a half-told story would hold the process.
  process.exit();
}

async function play({ env, state }: Stage, narrator: Narrator): Promise<void> {
  narrator.say(`Temporal UI, where every workflow can be watched: ${env.TEMPORAL_UI}`);
  const store = createResourceStore({ kubeconfig: env.KUBECONFIG });
  try {
    await tellStory({ store, api: env.SAMBAND_API, folder: path.join(state.demo, 'repositories'), narrator });
  } finally {
    store.close();
  }
}

function untilInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const abort = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('interrupted'));
    });
  });
  return Promise.race([work, abort]);
}
