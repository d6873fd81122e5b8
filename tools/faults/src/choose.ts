import type { Options } from './options.js';
import type { Random } from './random.js';
import type { Scenario } from './scenario.js';

/** What is run, in an order of the seed's: one scenario must not need that another ran before. */
export function choose(
  all: readonly Scenario[],
  { full, only }: Pick<Options, 'full' | 'only'>,
  random: Random,
): Scenario[] {
  const named = only === undefined ? all : all.filter(({ name }) => name.includes(only));
  const wanted = full || only !== undefined ? named : named.filter(({ short }) => short);
  return random.shuffle(wanted);
}
