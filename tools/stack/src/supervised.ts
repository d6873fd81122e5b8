import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nextBackoff } from './backoff.js';
import { partEnvironment } from './environment.js';
import type { Logs } from './logs.js';
import type { Part } from './part.js';
import { recorded } from './processes.js';

export interface SupervisionOptions {
  readonly logs: Logs;
  /** Folder of the records by which leftovers are found. */
  readonly run: string;
  readonly env: NodeJS.ProcessEnv;
  /** One line for people. */
  readonly report: (line: string) => void;
}

/** How often a part may fail before it was ever ready, until the start is given up. */
const startAttempts = 5;
const startDeadlineMs = 60_000;
const probeEveryMs = 40;

/**
 * One part that is kept running: started, watched, started again whenever it ends, until it is stopped. Its
 * output goes straight into its log, so that nothing of it depends on this process.
 */
export class Supervised {
  private child: ChildProcess | undefined;
  private stopping = false;
  private readonly woken = new AbortController();
  private loop: Promise<void> | undefined;
  private isReady = false;
  private everReady = false;
  private restarts = 0;

  constructor(
    readonly part: Part,
    private readonly options: SupervisionOptions,
  ) {}

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  get state(): { readonly ready: boolean; readonly restarts: number } {
    return { ready: this.isReady, restarts: this.restarts };
  }

  /** Starts it and returns when it was ready for the first time. */
  async start(): Promise<void> {
    mkdirSync(this.options.run, { recursive: true, mode: 0o700 });
    this.options.logs.rotate(this.part.name);
    let late: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      late = setTimeout(() => {
        void this.startFailure(`is not ready after ${startDeadlineMs / 1000} s`).then(reject);
      }, startDeadlineMs);
      this.loop = this.keepRunning(resolve, reject).catch((error: unknown) => {
        const cause = error instanceof Error ? error : new Error(String(error));
        this.options.report(`${this.part.name} is no longer watched: ${cause.message}`);
        reject(cause);
      });
    }).finally(() => {
      clearTimeout(late);
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Ends it for good, by force when it takes too long. Returns when it is gone. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.woken.abort();
    this.kill('SIGTERM');
    const force = setTimeout(() => {
      this.options.report(
        `${this.part.name} did not stop within ${this.part.graceMs / 1000} s and was killed`,
      );
      this.kill('SIGKILL');
    }, this.part.graceMs);
    await this.loop;
    clearTimeout(force);
    await rm(this.record, { force: true });
  }

  private get record(): string {
    return path.join(this.options.run, this.part.name);
  }

  private async keepRunning(onReady: () => void, onFailed: (error: Error) => void): Promise<void> {
    let backoff = 0;
    while (!this.stopping) {
      const began = Date.now();
      const ended = this.launch();
      const over = new AbortController();
      const probing = this.awaitReady(over.signal).then((ready) => {
        if (!ready) return;
        this.isReady = true;
        if (this.everReady)
          this.options.report(
            `${this.part.name} is back after ${((Date.now() - began) / 1000).toFixed(1)} s`,
          );
        this.everReady = true;
        onReady();
      });
      const how = await ended;
      over.abort();
      await probing;
      this.isReady = false;
      this.child = undefined;
      if (this.isStopping()) break;
      this.restarts += 1;
      if (!this.everReady && this.restarts >= startAttempts) {
        onFailed(await this.startFailure(how));
        break;
      }
      backoff = nextBackoff(backoff, Date.now() - began);
      this.options.report(
        `${this.part.name} ${how}; started again in ${backoff / 1000} s (log: ${this.options.logs.file(this.part.name)})`,
      );
      await sleep(backoff, undefined, { signal: this.woken.signal }).catch(() => undefined);
    }
    onFailed(new Error(`${this.part.name} was stopped before it was ready`));
  }

  /** @returns how it ended, once it has */
  private launch(): Promise<string> {
    const { part, options } = this;
    const { command, args } = recorded(this.record, part.command, part.args);
    const child = options.logs.withDescriptor(part.name, (log) =>
      spawn(command, args, {
        env: partEnvironment(options.env, part.env),
        stdio: ['ignore', log, log],
        // Its own session: Ctrl-C reaches only us, and we stop the parts in order.
        detached: true,
      }),
    );
    this.child = child;
    if (part.yields === true && child.pid !== undefined) yieldToOthers(child.pid);
    return new Promise((resolve) => {
      child.once('error', (error) => {
        resolve(`could not be started: ${error.message}`);
      });
      child.once('exit', (code, signal) => {
        resolve(signal === null ? `ended with code ${code ?? 0}` : `was killed by ${signal}`);
      });
    });
  }

  /** Asks until the part says that it is ready (`true`) or it is over (`false`). */
  private async awaitReady(over: AbortSignal): Promise<boolean> {
    while (!over.aborted && !this.stopping) {
      if (await this.part.ready().catch(() => false)) return !over.aborted;
      await sleep(probeEveryMs, undefined, { signal: over }).catch(() => undefined);
    }
    return false;
  }

  /** Read through a call, because it changes while we wait. */
  private isStopping(): boolean {
    return this.stopping;
  }

  private async startFailure(how: string): Promise<Error> {
    const { logs } = this.options;
    const tail = await logs.tail(this.part.name, 15);
    return new Error(
      [`${this.part.name} does not start: it ${how}. The end of ${logs.file(this.part.name)}:`, ...tail].join(
        '\n',
      ),
    );
  }
}

/**
 * Lets a session have processors only as far as those that people wait for leave some (sched(7), "The autogroup
 * feature"). What it starts in sessions of their own is not concerned: brokers. Elsewhere all share alike.
 */
function yieldToOthers(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, '10');
  } catch {
    // Not Linux, or a kernel without it.
  }
}
