import { describe, expect, it } from '@jest/globals';
import { runTogether, type Polling } from './run-together.js';

/** As a worker of the SDK: it may be shut down only while it runs. */
class FakeWorker implements Polling {
  private state = 'INITIALIZED';
  private end: { resolve: () => void; reject: (error: Error) => void } | undefined;

  run(): Promise<void> {
    this.state = 'RUNNING';
    return new Promise<void>((resolve, reject) => (this.end = { resolve, reject }));
  }

  shutdown(): void {
    if (this.state !== 'RUNNING') throw new Error('not running');
    this.state = 'STOPPED';
    this.end?.resolve();
  }

  fail(): void {
    this.state = 'FAILED';
    this.end?.reject(new Error('the connection is lost'));
  }

  getState(): string {
    return this.state;
  }
}

describe('workers that run together', () => {
  const make = (): readonly [FakeWorker, FakeWorker] => [new FakeWorker(), new FakeWorker()];
  const states = (workers: readonly FakeWorker[]): string[] => workers.map((worker) => worker.getState());

  it('stop together when they are told to', async () => {
    const stop = new AbortController();
    const workers = make();
    const running = runTogether(workers, stop.signal);
    stop.abort();
    await running;
    expect(states(workers)).toEqual(['STOPPED', 'STOPPED']);
  });

  it('stop at once when they were told to before they ran', async () => {
    const workers = make();
    await runTogether(workers, AbortSignal.abort());
    expect(states(workers)).toEqual(['STOPPED', 'STOPPED']);
  });

  it('stop together when one of them fails, which is told', async () => {
    const workers = make();
    const running = runTogether(workers, new AbortController().signal);
    workers[1].fail();
    await expect(running).rejects.toThrow('the connection is lost');
    expect(states(workers)).toEqual(['STOPPED', 'FAILED']);
  });

  it('are not asked to stop twice, nor once they have ended', async () => {
    const stop = new AbortController();
    const workers = make();
    const running = runTogether(workers, stop.signal);
    workers[0].fail();
    stop.abort();
    await expect(running).rejects.toThrow('the connection is lost');
    expect(states(workers)).toEqual(['FAILED', 'STOPPED']);
  });
});
