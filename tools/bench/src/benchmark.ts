import type { World } from './world.js';

/** What a benchmark found. */
export interface Measurement {
  readonly value: number;
  /** The same work done straight by the tightest client, in the same run and unit. */
  readonly raw: number;
  /** Where another figure makes the limit tighter than the one in the list. */
  readonly limit?: number;
}

export interface Benchmark {
  readonly name: string;
  readonly unit: 's' | 'ms' | 'MB' | 'events';
  readonly limit: number;
  /** Whether the limit itself is still good, or only what is below it. */
  readonly allows: 'up to' | 'below';
  run(world: World): Promise<Measurement>;
}
