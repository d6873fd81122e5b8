import { condition, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';

export const dirty = defineSignal('dirty');
export const timeline = defineQuery<{ name: string; signals: number }>('timeline');

/** Counts its signals and tells its input. */
export async function echoWorkflow(input: { name: string }): Promise<void> {
  let signals = 0;
  setHandler(dirty, () => {
    signals += 1;
  });
  setHandler(timeline, () => ({ name: input.name, signals }));
  await condition(() => false);
}
