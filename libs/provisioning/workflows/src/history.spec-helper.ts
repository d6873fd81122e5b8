import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { signals } from '@samband/contract';
import { eventually } from '@samband/testing';

/** Seconds that the workflow asked to wait, one for each timer, in order. */
export async function timersOf(handle: WorkflowHandle): Promise<number[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) => {
    const duration = timer?.startToFireTimeout;
    return duration == null ? [] : Number(duration.seconds ?? 0) + (duration.nanos ?? 0) / 1e9;
  });
}

/** Whether the workflow waits for a timer, in its newest run. */
export async function isResting(handle: WorkflowHandle): Promise<boolean> {
  const events = (await handle.fetchHistory()).events ?? [];
  const started = events.filter((event) => event.timerStartedEventAttributes != null).length;
  const ended = events.filter(
    (event) => event.timerFiredEventAttributes != null || event.timerCanceledEventAttributes != null,
  ).length;
  return started > ended;
}

/** Tells the workflow to look again, once it rests for the given time: a signal that comes earlier is no wake. */
export async function wake(handle: WorkflowHandle, rests = 1, signal: string = signals.dirty): Promise<void> {
  await eventually(async () => (await timersOf(handle)).length >= rests, { timeoutMs: 20_000 });
  await handle.signal(signal);
}

/** Waits for the end of a workflow that may not have begun yet. */
export async function ended(handle: WorkflowHandle): Promise<void> {
  await eventually(
    async () => {
      try {
        await handle.describe();
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    { timeoutMs: 20_000 },
  );
  await handle.result();
}
