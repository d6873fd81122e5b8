import { condition, defineQuery, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

export const dirty = defineSignal('dirty');
export const timeline = defineQuery<{ name: string; signals: number }>('timeline');

const { waitForNobody } = proxyActivities<{ waitForNobody(): Promise<void> }>({
  taskQueue: 'nobody-listens',
  startToCloseTimeout: '1h',
});

/** Counts its signals and tells its input, while an activity waits that nobody does. */
export async function echoWorkflow(input: { name: string }): Promise<void> {
  let signals = 0;
  setHandler(dirty, () => {
    signals += 1;
  });
  setHandler(timeline, () => ({ name: input.name, signals }));
  await Promise.all([waitForNobody(), condition(() => false)]);
}
