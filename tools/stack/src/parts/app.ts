import path from 'node:path';
import type { StackContext } from '../part.js';

/** An app of ours as a process: Node with the compiled main. */
export function app(
  name: string,
  { repository, env }: Pick<StackContext, 'repository' | 'env'>,
): { command: string; args: string[] } {
  const profiles = env['SAMBAND_PROFILES'];
  return {
    command: process.execPath,
    args: [
      '--enable-source-maps',
      // Written when the process ends, one for each of its threads.
      ...(profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${path.join(profiles, name)}`]),
      path.join(repository, `apps/${name}/dist/main.js`),
    ],
  };
}
