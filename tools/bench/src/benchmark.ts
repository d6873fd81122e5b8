import type { World } from './world.js';

/** What a benchmark found. */
export interface Measurement {
  readonly value: number;
  /** The same work done straight by the tightest client, in the same run and unit. */
  readonly raw: number;
  /** How many times as slow as the machine that the limits were set on this one is, when that is not what `raw` tells. */
  readonly slowness?: number;
  /** A limit that another figure of the same run sets; it counts where it is tighter than the one of the list. */
  readonly limit?: number;
}

export interface Benchmark {
  readonly name: string;
  readonly unit: 's' | 'ms' | 'MB' | 'events';
  /** On a machine whose raw figure is `reference`. On a slower one it is stretched by as much; never tightened. */
  readonly limit: number;
  /** Raw figure of the machine that the limit was set on; absent where the limit does not depend on a machine. */
  readonly reference?: number;
  /** Whether the limit itself is still good, or only what is below it. */
  readonly allows: 'up to' | 'below';
  run(world: World): Promise<Measurement>;
}
