import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { benchmarks } from './benchmarks.js';
import { readOptions, usage, type Options } from './options.js';
import { isMet, table, toResult, type Result } from './results.js';
import { World } from './world.js';

const resultsFile = 'bench-results.json';
const profilesFolder = 'bench-profiles';

/** Runs the benchmarks. The process ends with code 0 only when every limit is met. */
export async function bench(args: readonly string[]): Promise<void> {
  const options = understood(args);
  if (options === undefined) return;
  const chosen = benchmarks.filter(({ name }) => options.names.length === 0 || options.names.includes(name));
  if (options.profile)
    process.env['SAMBAND_NODE_OPTIONS'] = `--cpu-prof --cpu-prof-dir=${path.resolve(profilesFolder)}`;
  const world = new World((line) => {
    console.log(`      ${line}`);
  });
  const interrupted = new AbortController();
  const stop = (): void => {
    interrupted.abort();
    console.log('\nStopping …');
    void world.end().finally(() => process.exit(130));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  const rows: { result: Result; met: boolean }[] = [];
  const broken: string[] = [];
  for (const [index, benchmark] of chosen.entries()) {
    console.log(`[${index + 1}/${chosen.length}] ${benchmark.name}`);
    try {
      const result = toResult(benchmark, await benchmark.run(world));
      rows.push({ result, met: isMet(result, benchmark.allows) });
      console.log(`      ${result.value} ${result.unit}, raw ${result.raw}`);
    } catch (error) {
      // The stop takes away what a benchmark stands on; the process ends with it.
      if (interrupted.signal.aborted) return;
      broken.push(benchmark.name);
      console.error(`      ${benchmark.name} found nothing:`, error);
    }
    const results = rows.map(({ result }) => result);
    await writeFile(resultsFile, `${JSON.stringify(results, undefined, 2)}\n`);
  }
  await world.end();
  console.log(`\n${table(rows)}\n`);
  if (options.profile)
    console.log(`profiles, named by process, are in ${profilesFolder}; making them cost time`);
  const missed = rows.filter(({ met }) => !met).map(({ result }) => result.name);
  if (missed.length > 0) console.log(`missed: ${missed.join(', ')}`);
  if (broken.length > 0) console.log(`without a figure: ${broken.join(', ')}`);
  if (missed.length + broken.length > 0) process.exitCode = 1;
  else console.log('every limit is met');
}

function understood(args: readonly string[]): Options | undefined {
  const known = benchmarks.map(({ name }) => name);
  try {
    return readOptions(args, known);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage(known)}`);
    process.exitCode = 2;
    return undefined;
  }
}
