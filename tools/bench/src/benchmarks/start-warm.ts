import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startStack } from '@samband/stack';
import type { Benchmark } from '../benchmark.js';
import { median } from '../statistics.js';

const rounds = 3;

/** Before the stack of the others is there: two of them on one machine would slow each other down. */
export const startWarm: Benchmark = {
  name: 'start_warm_s',
  unit: 's',
  limit: 12,
  reference: 2,
  allows: 'up to',
  run: async (world) => {
    const stateDir = path.join(await world.folder, 'start');
    const cold = await start(stateDir);
    const found: number[] = [];
    const raw: number[] = [];
    for (let round = 1; round <= rounds; round += 1) found.push(await start(stateDir));
    for (let round = 1; round <= rounds; round += 1) raw.push(await bareStart(stateDir));
    const list = (values: readonly number[]): string => values.map((one) => one.toFixed(1)).join(', ');
    world.say(
      `first start ${cold.toFixed(1)} s; later ones ${list(found)} s; API server alone ${list(raw)} s`,
    );
    return { value: median(found), raw: median(raw) };
  },
};

/** Seconds from the start of the process until all is ready, on a state that is kept. */
async function start(stateDir: string): Promise<number> {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../start-child.js', import.meta.url)), stateDir],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let ready: number | undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    if (chunk.includes('ready\n')) ready ??= (performance.now() - began) / 1000;
  });
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => {
      resolve();
    });
  });
  if (ready === undefined) throw new Error('the stack does not start');
  return ready;
}

/** Seconds until etcd and the API server on it are ready. */
async function bareStart(stateDir: string): Promise<number> {
  const began = performance.now();
  let ready: number | undefined;
  const stack = await startStack({
    stateDir,
    parts: ['etcd', 'kube-apiserver'],
    log: (line) => {
      if (line.startsWith('kube-apiserver')) ready ??= (performance.now() - began) / 1000;
    },
  });
  await stack.stop();
  if (ready === undefined) throw new Error('the API server was never ready');
  return ready;
}
