import { describe, expect, it } from '@jest/globals';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { compiledWorkflows } from './temporal.spec-helper.js';

describe('the workflow bundle', () => {
  it('holds the three workflows and nothing that cannot run in the sandbox', async () => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: compiledWorkflows,
      logger: new DefaultLogger('ERROR'),
    });
    for (const name of ['sourceWorkflow', 'rolloutWorkflow', 'addressSpaceWorkflow'])
      expect(code).toContain(name);
    for (const forbidden of [
      'node_modules/@kubernetes',
      'node_modules/rhea',
      'node_modules/zod/',
      'libs/adapters',
      'libs/platform',
    ]) {
      expect(code).not.toContain(forbidden);
    }
  }, 60_000);
});
