/** What is needed of a Temporal worker. */
export interface Polling {
  run(): Promise<void>;
  shutdown(): void;
  getState(): string;
}

/**
 * Runs all workers until they are told to stop. When one of them fails, the others are shut down and waited for, so that
 * none polls beside those that take their place.
 */
export async function runTogether(workers: readonly Polling[], stop: AbortSignal): Promise<void> {
  const shutDown = (): void => {
    // Of one that does not run any more it is an error to ask that.
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  stop.addEventListener('abort', shutDown);
  try {
    const runs = workers.map((worker) => worker.run());
    if (stop.aborted) shutDown();
    await Promise.all(runs).finally(async () => {
      shutDown();
      await Promise.allSettled(runs);
    });
  } finally {
    stop.removeEventListener('abort', shutDown);
  }
}
