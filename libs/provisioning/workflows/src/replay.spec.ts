import { beforeAll, describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { DeterminismViolationError } from '@temporalio/workflow';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { recordedHistories } from './recorded.spec-helper.js';
import { compiledWorkflows } from './temporal.spec-helper.js';

const histories = recordedHistories();
const bundleOf = (workflowsPath: string): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });

describe('a workflow that began under an earlier release', () => {
  let workflowBundle: WorkflowBundleWithSourceMap;
  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    workflowBundle = await bundleOf(compiledWorkflows);
  }, 60_000);

  it('is there in each of its courses', () => {
    expect(histories.length).toBeGreaterThanOrEqual(9);
  });

  it.each(histories.map((one) => [one.name, one] as const))(
    'goes on under this one: %s',
    async (_, { history, workflowId }) => {
      await Worker.runReplayHistory({ workflowBundle }, history, workflowId);
    },
  );

  it('is refused when its code was changed without a patch', async () => {
    const changed = await bundleOf(
      fileURLToPath(new URL('../fixtures/changed-rollout.mjs', import.meta.url)),
    );
    const rollout = histories.find(({ name }) => name === 'rollout-succeeded');
    await expect(
      Worker.runReplayHistory({ workflowBundle: changed }, rollout?.history, rollout?.workflowId),
    ).rejects.toThrow(DeterminismViolationError);
  }, 60_000);
});
