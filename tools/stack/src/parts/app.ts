import path from 'node:path';
import type { StackContext } from '../part.js';

/** An app of ours as a process: Node with the compiled main. */
export function app(name: string, { repository }: StackContext): { command: string; args: string[] } {
  return {
    command: process.execPath,
    args: ['--enable-source-maps', path.join(repository, `apps/${name}/dist/main.js`)],
  };
}
