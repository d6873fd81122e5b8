import { parseArgs } from 'node:util';

export interface Options {
  /** Benchmarks to run; none means all. */
  readonly names: readonly string[];
  /** Keeps CPU profiles of our processes. */
  readonly profile: boolean;
}

/** @throws with a sentence when they cannot be understood */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { profile: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const strange = positionals.filter((name) => !known.includes(name));
  if (strange.length > 0) throw new Error(`there is no benchmark ${strange.join(', ')}`);
  return { names: positionals, profile: values.profile };
}

export function usage(known: readonly string[]): string {
  return `usage: npm run bench -- [--profile] [NAME…]

  --profile   keeps CPU profiles of api, worker and controller, for Chrome's developer tools
  NAME        only these: ${known.join(', ')}`;
}
