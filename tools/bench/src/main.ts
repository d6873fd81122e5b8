import { writeFile } from 'node:fs/promises';
import { benchmarks } from './benchmarks.js';
import { readOptions, usage, type Options } from './options.js';
import { isMet, table, toResult, type Result } from './results.js';
import { World } from './world.js';

const resultsFile = 'bench-results.json';

/** Runs the benchmarks. The process ends with code 0 only when every limit is met. */
export async function bench(args: readonly string[]): Promise<void> {
  const options = understood(args);
  if (options === undefined) return;
  const chosen = benchmarks.filter(({ name }) => options.names.length === 0 || options.names.includes(name));
  const world = new World((line) => {
    console.log(`      ${line}`);
  });
  const rows: { result: Result; met: boolean }[] = [];
  try {
    for (const [index, benchmark] of chosen.entries()) {
      console.log(`[${index + 1}/${chosen.length}] ${benchmark.name}`);
      const result = toResult(benchmark, await benchmark.run(world));
      rows.push({ result, met: isMet(result, benchmark.allows) });
      console.log(`      ${result.value} ${result.unit}, raw ${result.raw}`);
      // Written each time: what was measured stays when a later one breaks.
      await writeFile(
        resultsFile,
        `${JSON.stringify(
          rows.map((row) => row.result),
          undefined,
          2,
        )}\n`,
      );
    }
  } finally {
    if (rows.length > 0) console.log(`\n${table(rows)}\n`);
    await world.end();
  }
  const missed = rows.filter(({ met }) => !met).map(({ result }) => result.name);
  console.log(missed.length === 0 ? 'every limit is met' : `missed: ${missed.join(', ')}`);
  if (missed.length > 0) process.exitCode = 1;
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
