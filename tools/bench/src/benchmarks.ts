import type { Benchmark } from './benchmark.js';
import { commit1000, commit10000, commitMemory } from './benchmarks/commits.js';

/** All of them, in the order in which they run. */
export const benchmarks: readonly Benchmark[] = [commit1000, commit10000, commitMemory];
