import path from 'node:path';
import type { StackContext } from '../part.js';

/**
 * An app of ours as a process: Node with the compiled main. Options of Node in `SAMBAND_NODE_OPTIONS`, separated by
 * spaces, are for those who watch our processes or break them.
 */
export function app(
  name: string,
  { repository, env }: Pick<StackContext, 'repository' | 'env'>,
): { command: string; args: string[] } {
  const options = (env['SAMBAND_NODE_OPTIONS'] ?? '').split(' ').filter((option) => option !== '');
  return {
    command: process.execPath,
    args: ['--enable-source-maps', ...options, path.join(repository, `apps/${name}/dist/main.js`)],
  };
}
