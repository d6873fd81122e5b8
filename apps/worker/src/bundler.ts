import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** Runs as a child of the worker: see bundle-workflows.ts. */
const bundle = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(import.meta.resolve('@samband/workflows')),
  logger: new DefaultLogger('ERROR'),
});
process.send?.(bundle, () => {
  process.disconnect();
});
