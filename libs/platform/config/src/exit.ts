import type { z } from 'zod';
import { describeProblems, loadConfig, type Environment } from './load-config.js';

/** `EX_CONFIG` of sysexits.h: a supervisor can tell that starting again will not help. */
export const configExitCode = 78;

export interface ExitPorts {
  readonly write: (text: string) => void;
  readonly exit: (code: number) => never;
}

const processPorts: ExitPorts = {
  write: (text) => {
    process.stderr.write(text);
  },
  exit: (code) => process.exit(code),
};

/**
 * For `main.ts` only: the configuration, or every problem on standard error and the end of the process with
 * code 78.
 */
export function readConfigOrExit<S extends z.ZodType>(
  schema: S,
  env: Environment = process.env,
  ports: ExitPorts = processPorts,
): z.output<S> {
  const result = loadConfig(schema, env);
  if (result.ok) return result.config;
  ports.write(`The environment is not complete:\n${describeProblems(result.problems)}\n`);
  return ports.exit(configExitCode);
}
