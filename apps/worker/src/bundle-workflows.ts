import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WorkflowBundle } from '@temporalio/worker';

/**
 * The code of the workflows as one text. The bundler works in a process of its own: what it loads for that would stay
 * in memory as long as the worker lives (80 MB).
 */
export function bundleWorkflows(signal: AbortSignal): Promise<WorkflowBundle> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./bundler.js', import.meta.url)), [], { execArgv: [], signal });
    child.once('message', (bundle: WorkflowBundle) => {
      resolve(bundle);
    });
    child.once('error', reject);
    // The channel ends after its last message was read, which an exit does not wait for.
    child.once('disconnect', () => {
      reject(new Error('the workflows could not be bundled: the reason is in the output above'));
    });
  });
}
