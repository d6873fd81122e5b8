import { condition, isCancellation } from '@temporalio/workflow';

/**
 * Does one thing while another goes on: at once, and again each time there is reason to. What is begun is ended before
 * this returns; its failures are nobody's, as the next reason brings it again.
 * @param reasons how often there was reason so far
 */
export async function beside<T>(
  reasons: () => number,
  work: () => Promise<T>,
  aside: () => Promise<void>,
): Promise<T> {
  let isOver = false;
  const ended = (): boolean => isOver;
  const isDue = (seen: number): boolean => isOver || reasons() !== seen;
  const going = (async () => {
    do {
      const seen = reasons();
      try {
        await aside();
      } catch (error) {
        if (isCancellation(error)) return;
      }
      await condition(() => isDue(seen));
    } while (!ended());
  })();
  try {
    return await work();
  } finally {
    isOver = true;
    await going;
  }
}
